/// A moment of wall-clock time in UTC. For records only; waiting is done on a monotonic clock.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.milliseconds < other.milliseconds
    }

    /// Milliseconds from `earlier` to here, never below 0: a clock set back stops time.
    public func milliseconds(since earlier: Timestamp) -> Int64 {
        max(0, milliseconds - earlier.milliseconds)
    }

    public func advanced(byMilliseconds distance: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + distance)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T09:05:00.000Z`.
    public var description: String {
        let second = milliseconds.flooredDivision(by: 1000)
        let day = second.flooredDivision(by: 86_400)
        let (year, month, dayOfMonth) = Self.civil(fromDays: day)
        let secondOfDay = second - day * 86_400
        let date = "\(year.padded(to: 4))-\(month.padded(to: 2))-\(dayOfMonth.padded(to: 2))"
        let hour = (secondOfDay / 3600).padded(to: 2)
        let minute = (secondOfDay / 60 % 60).padded(to: 2)
        let rest = (secondOfDay % 60).padded(to: 2)
        return "\(date)T\(hour):\(minute):\(rest).\((milliseconds - second * 1000).padded(to: 3))Z"
    }

    /// Days since 1970 to year, month and day in the Gregorian calendar, by counting from 1 March
    /// of year 0 in eras of 400 years (146,097 days), so that the leap day ends each year.
    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    fileprivate func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
