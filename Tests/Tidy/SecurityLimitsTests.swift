import Foundation
import Testing

/// The table of limits in SECURITY.md says what the code says.
@Suite struct SecurityLimitsTests {
    struct Row: CustomTestStringConvertible {
        let what: String
        let value: String
        let file: String
        let name: String
        var testDescription: String { what }
    }

    static let rows: [Row] = text(of: "SECURITY.md").split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 4 else { return nil }
        let words = cells[3].split(separator: "`").map(String.init).filter { $0 != " " }
        guard words.count == 2, words[0].hasSuffix(".swift") else { return nil }
        return Row(what: cells[0], value: cells[1], file: words[0], name: words[1])
    }

    static func text(of path: String) -> String {
        let bytes = FileManager.default.contents(
            atPath: ProjectFiles.root.appending(path: path).path())
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    @Test func `the table is there`() { #expect(Self.rows.count >= 35) }

    @Test(arguments: rows)
    func `a limit is what the table says`(row: Row) throws {
        let code = Self.text(of: "Sources/" + row.file)
        let expression = try #require(
            Self.expression(of: row.name, in: code), "\(row.name) is not set in \(row.file)")
        let found = try #require(Self.number(expression), "\(expression) is no number")
        let told = try #require(Self.told(row.value), "\(row.value) is no number")
        #expect(found == told, "\(row.file): \(row.name) = \(expression)")
    }

    /// What stands behind `name = ` or `name: `.
    static func expression(of name: String, in code: String) -> String? {
        for line in code.split(separator: "\n") where !line.contains("///") {
            for separator in [": Int = ", " = ", ": "] {
                guard let place = line.range(of: name + separator) else { continue }
                let before = line[..<place.lowerBound].last
                guard before.map({ !$0.isLetter && $0 != "." }) ?? true else { continue }
                let rest = String(line[place.upperBound...])
                if number(rest) != nil { return rest }
            }
        }
        return nil
    }

    /// The number that an expression of the code begins with: sums are not made here, only products,
    /// shifts, ranges (their upper end) and durations (in seconds).
    static func number(_ expression: String) -> Int? {
        var text = expression.replacingOccurrences(of: "_", with: "")
        for prefix in ["Duration.seconds(", ".seconds(", "TimeAmount.seconds("]
        where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        let plain = text.prefix { "0123456789 <*.".contains($0) }
            .trimmingCharacters(in: .whitespaces)
        if let range = plain.range(of: "...") { return number(String(plain[range.upperBound...])) }
        if let shift = plain.range(of: "<<") {
            guard let left = number(String(plain[..<shift.lowerBound])),
                let right = number(String(plain[shift.upperBound...]))
            else { return nil }
            return left << right
        }
        let factors = plain.split(separator: "*").map {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        guard !factors.isEmpty, factors.allSatisfy({ $0 != nil }) else { return nil }
        return factors.reduce(1) { $0 * ($1 ?? 0) }
    }

    /// `8 KiB`, `60 s`, `10,000`.
    static func told(_ value: String) -> Int? {
        let words = value.replacingOccurrences(of: ",", with: "").split(separator: " ")
        guard let first = words.first, let number = Int(first), words.count <= 2 else { return nil }
        switch words.dropFirst().first {
        case nil, "s": return number
        case "KiB": return number << 10
        case "MiB": return number << 20
        case .some: return nil
        }
    }
}
