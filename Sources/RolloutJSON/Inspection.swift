import JSONText
import Rollouts

/// Reads members and collects what is wrong, so that one answer can name everything at once.
///
/// Every reader returns nil both for a member that is absent and for one that is wrong; the
/// faults tell which. A JSON null counts as absent.
struct Inspection {
    private(set) var faults: [Fault] = []

    /// Whether no more faults are taken.
    var isFull: Bool { faults.count >= Faults.limit }

    mutating func fault(_ pointer: JSONPointer, _ detail: String) {
        if !isFull { faults.append(Fault(pointer, detail)) }
    }

    /// An object all of whose members are known; nil where there is none.
    mutating func object(
        _ value: JSONValue?, at pointer: JSONPointer, of known: [String]
    ) -> JSONObject? {
        guard let value, !value.isNull else { return nil }
        guard let object = value.object else {
            fault(pointer, "must be an object, not \(value.kindName)")
            return nil
        }
        for (name, _) in object where !known.contains(name) {
            // A body may hold more unknown names than are worth an opinion on their spelling.
            if isFull { break }
            fault(pointer.appending(name), Self.unknown(name, of: known))
        }
        return object
    }

    mutating func text(
        _ object: JSONObject, _ name: String, at pointer: JSONPointer
    ) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string else {
            fault(pointer.appending(name), "must be a string, not \(value.kindName)")
            return nil
        }
        return text
    }

    mutating func flag(
        _ object: JSONObject, _ name: String, at pointer: JSONPointer
    ) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let flag = value.bool else {
            fault(pointer.appending(name), "must be true or false, not \(value.kindName)")
            return nil
        }
        return flag
    }

    mutating func whole(
        _ object: JSONObject, _ name: String, in range: ClosedRange<Int>, at pointer: JSONPointer
    ) -> Int? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.int, range.contains(number) else {
            fault(
                pointer.appending(name),
                "must be a whole number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \(Self.shown(value))")
            return nil
        }
        return number
    }

    /// A finite number that `isGood` accepts.
    ///
    /// - Parameter rule: what it must be, as a sentence without its end.
    mutating func real(
        _ object: JSONObject, _ name: String, at pointer: JSONPointer, _ rule: String,
        _ isGood: (Double) -> Bool
    ) -> Double? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.double, isGood(number) else {
            fault(pointer.appending(name), "\(rule), not \(Self.shown(value))")
            return nil
        }
        return number
    }

    /// One word of a closed list.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ object: JSONObject, _ name: String, at pointer: JSONPointer
    ) -> Word? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let word = value.string.flatMap({ Word(rawValue: $0) }) else {
            let allowed = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            fault(
                pointer.appending(name), "must be one of \(allowed), not \(Self.shown(value))")
            return nil
        }
        return word
    }

    mutating func span(
        _ object: JSONObject, _ name: String, atLeast least: Int, at pointer: JSONPointer
    ) -> TimeSpan? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let span = value.string.flatMap({ TimeSpan($0) }), span.seconds >= least else {
            fault(
                pointer.appending(name),
                "must be a duration such as \"90s\", \"10m\" or \"1h30m\", from \(least)s to 720h, "
                    + "not \(Self.shown(value))")
            return nil
        }
        return span
    }

    /// A share of 0.01...100 % with at most two decimals.
    mutating func share(_ value: JSONValue, at pointer: JSONPointer) -> TrafficShare? {
        guard let points = value.number?.scaled(by: 2), points >= 1,
            let share = TrafficShare(basisPoints: points)
        else {
            fault(
                pointer,
                "must be a number of percent from 0.01 to 100 with at most two decimals, "
                    + "not \(Self.shown(value))")
            return nil
        }
        return share
    }

    /// The elements of an array of at most `limit`.
    mutating func list(
        _ object: JSONObject, _ name: String, upTo limit: Int, at pointer: JSONPointer
    ) -> [JSONValue]? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let list = value.array else {
            fault(pointer.appending(name), "must be an array, not \(value.kindName)")
            return nil
        }
        guard (1...limit).contains(list.count) else {
            fault(
                pointer.appending(name),
                "must have 1 to \(limit) elements, not \(list.count)")
            return nil
        }
        return list
    }

    /// The value as it was sent, short enough for a sentence.
    static func shown(_ value: JSONValue) -> String {
        switch value {
        case .object, .array: return value.kindName
        case .null, .bool, .number, .string:
            let text = value.description
            return text.count <= 80 ? text : String(text.prefix(77)) + "…"
        }
    }

    static func unknown(_ name: String, of known: [String]) -> String {
        let allowed = known.isEmpty ? "" : "; known here: \(known.joined(separator: ", "))"
        guard let near = nearest(to: name, of: known) else { return "is not known" + allowed }
        return "is not known; did you mean \"\(near)\"?"
    }

    /// A known name that differs by a slip of the fingers.
    static func nearest(to name: String, of known: [String]) -> String? {
        let sent = Array(name.lowercased().utf8.filter { !"-_".utf8.contains($0) })
        guard sent.count <= 40 else { return nil }
        let ranked = known.map { candidate in
            let wanted = Array(candidate.utf8.filter { $0 != UInt8(ascii: "_") })
            return (candidate, distance(sent, wanted), wanted.count)
        }
        return ranked.filter { $0.1 <= min(2, $0.2 / 3) }.min { $0.1 < $1.1 }?.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...other.count)
        for i in 0..<one.count {
            var next = [i + 1]
            for j in 0..<other.count {
                let cost = one[i] == other[j] ? 0 : 1
                var best = min(next[j] + 1, row[j + 1] + 1, row[j] + cost)
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    best = min(best, before[j - 1] + 1)
                }
                next.append(best)
            }
            before = row
            row = next
        }
        return row[other.count]
    }
}
