import HTTPMessage
import JSONText

/// The parameters behind the `?`, each known, and given once unless it may repeat.
struct Query: Sendable {
    private let pairs: [(name: String, value: String)]

    /// - Throws: every parameter that is not known or repeated.
    init(_ raw: String?, single: [String], repeated: [String] = []) throws(Problem) {
        guard let raw, !raw.isEmpty else {
            pairs = []
            return
        }
        do { pairs = try PercentDecoding.query(raw) } catch {
            throw .malformed("The query holds a percent escape that means nothing.")
        }
        var seen: [String] = []
        var errors: [Problem.Detail] = []
        for (name, _) in pairs {
            if !single.contains(name), !repeated.contains(name) {
                errors.append(
                    Self.error(name, Self.unknown(name, of: single + repeated)))
            } else if seen.contains(name), !repeated.contains(name) {
                errors.append(Self.error(name, "is given more than once"))
            }
            seen.append(name)
        }
        guard errors.isEmpty else { throw .parameters(Array(errors.prefix(20))) }
    }

    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    func flag(_ name: String) throws(Problem) -> Bool {
        switch self[name] {
        case nil, "false": return false
        case "true": return true
        case .some: throw .parameters([Self.error(name, "must be true or false")])
        }
    }

    func whole(
        _ name: String, in range: ClosedRange<Int>, default fallback: Int
    ) throws(Problem) -> Int {
        guard let text = self[name] else { return fallback }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            range.contains(number)
        else {
            throw .parameters([
                Self.error(
                    name,
                    "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            ])
        }
        return number
    }

    static func error(_ name: String, _ detail: String) -> Problem.Detail {
        Problem.Detail(place: .parameter(name), detail: detail)
    }

    private static func unknown(_ name: String, of known: [String]) -> String {
        let plain = name.lowercased().filter { $0.isLetter }
        if let near = known.first(where: { $0.filter { $0.isLetter } == plain }) {
            return "is not known; did you mean \"\(near)\"?"
        }
        return known.isEmpty
            ? "is not known; there are none here"
            : "is not known; known here: \(known.joined(separator: ", "))"
    }
}
