public import Rollouts

extension Timestamp {
    /// Reads exactly the form in which moments are written: `2026-11-23T09:05:00.000Z`.
    ///
    /// - Returns: nil for any other form, and for days that no calendar has.
    public init?(_ text: String) {
        let bytes = text.utf8Span.span
        guard bytes.count == 24, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "."),
            bytes[23] == UInt8(ascii: "Z"),
            let year = Self.number(bytes, 0..<4), let month = Self.number(bytes, 5..<7),
            let day = Self.number(bytes, 8..<10), let hour = Self.number(bytes, 11..<13),
            let minute = Self.number(bytes, 14..<16), let second = Self.number(bytes, 17..<19),
            let thousandth = Self.number(bytes, 20..<23), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        self.init(milliseconds: seconds * 1000 + thousandth)
    }

    private static func number(_ bytes: Span<UInt8>, _ places: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for place in places {
            guard (48...57).contains(bytes[place]) else { return nil }
            value = value * 10 + Int64(bytes[place] - 48)
        }
        return value
    }

    /// The same text as `description`, made without a string: a resource holds a dozen moments.
    ///
    /// - Returns: nil outside of the years 0 to 9999.
    var letters: InlineArray<24, UInt8>? {
        let second = (milliseconds - (milliseconds < 0 ? 999 : 0)) / 1000
        let day = (second - (second < 0 ? 86_399 : 0)) / 86_400
        let shifted = day + 719_468
        let era = (shifted - (shifted < 0 ? 146_096 : 0)) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        guard (0...9999).contains(year) else { return nil }
        let time = second - day * 86_400
        var letters = InlineArray<24, UInt8>(repeating: 0)
        var place = 0
        func put(_ value: Int64, _ width: Int, _ mark: UInt8) {
            var rest = value
            for digit in (0..<width).reversed() {
                letters[place + digit] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            letters[place + width] = mark
            place += width + 1
        }
        put(year, 4, UInt8(ascii: "-"))
        put(month < 10 ? month + 3 : month - 9, 2, UInt8(ascii: "-"))
        put(dayOfYear - (153 * month + 2) / 5 + 1, 2, UInt8(ascii: "T"))
        put(time / 3600, 2, UInt8(ascii: ":"))
        put(time / 60 % 60, 2, UInt8(ascii: ":"))
        put(time % 60, 2, UInt8(ascii: "."))
        put(milliseconds - second * 1000, 3, UInt8(ascii: "Z"))
        return letters
    }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar, counted from 1 March of year 0 so
    /// that the leap day ends each year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
