internal import Foundation

/// Why Kong declined a call, in its own words. Nothing was changed.
///
/// ```swift
/// catch .refused(let refusal) { print(refusal.code ?? 0, refusal.fields.map(\.text)) }
/// ```
public struct KongRefusal: Sendable, Hashable {
    /// What is wrong with one column.
    public struct Complaint: Sendable, Hashable {
        /// Dotted, such as `healthchecks.active.timeout`; `@entity` when it is about the whole.
        public let path: String
        public let text: String
    }

    /// 400...499.
    public let status: Int
    /// Kong's own number: 2 schema, 3 primary key, 4 foreign key, 5 unique, 6 not found, 11 options,
    /// 12 not possible without a database, 13 reference by name unresolved; nil when the body had none.
    public let code: Int?
    /// Kong's name of the code, such as `schema violation`.
    public let name: String?
    /// Kong's message, or the text of an HTML page; at most 500 characters.
    public let message: String
    /// Sorted by path; at most 50.
    public let fields: [Complaint]
    /// Method, path and endpoint of the call, for people.
    public let place: String

    /// The entity was there already under this name, or as this target.
    public var isConflict: Bool { status == 409 }
    /// The Admin API says that there is no such entity (or no such path: it does not tell them apart).
    ///
    /// Any other 404 is none of its: from a proxy port, a page of another server, an unknown workspace.
    /// To take it for an absent entity would be to build what is there.
    public var isNotFound: Bool {
        status == 404 && (code == 6 || message.lowercased() == "not found")
    }
    /// This node has no database: its entities come by declarative configuration only.
    public var isWithoutDatabase: Bool { code == 12 }
}

extension KongRefusal: CustomStringConvertible {
    public var description: String {
        let detail = fields.map { "\($0.path): \($0.text)" }.joined(separator: "; ")
        let number = code.map { ", code \($0)" } ?? ""
        let told = fields.allSatisfy { message.contains($0.text) } ? "" : " (\(detail))"
        return "\(place): Kong refused it with \(status)\(number): \(message)\(told)"
    }
}

/// The body of an answer that is not a success, read as far as it can be.
struct ErrorBody {
    private struct Wire: Decodable {
        let code: Int?
        let name: String?
        let message: AdminJSON?
        let fields: AdminJSON?
        let options: AdminJSON?
    }

    private(set) var code: Int?
    private(set) var name: String?
    let message: String
    private(set) var complaints: [KongRefusal.Complaint] = []

    init(_ bytes: [UInt8]) {
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(bytes))
        } catch {
            // nginx answers some refusals itself, as HTML.
            message = Self.words(of: String(decoding: bytes.prefix(65_536), as: UTF8.self))
            return
        }
        code = wire.code
        name = wire.name
        Self.flatten(wire.fields ?? wire.options ?? .null, at: "", into: &complaints)
        complaints.sort { ($0.path, $0.text) < ($1.path, $1.text) }
        switch wire.message {
        case .string(let text)?: message = String(text.prefix(500))
        case let other?: message = String(String(decoding: other.bytes(), as: UTF8.self).prefix(500))
        case nil: message = wire.name ?? "no message"
        }
    }

    private static func flatten(
        _ value: AdminJSON, at path: String, into complaints: inout [KongRefusal.Complaint]
    ) {
        guard complaints.count < 50 else { return }
        switch value {
        case .object(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                flatten(member, at: path.isEmpty ? key : "\(path).\(key)", into: &complaints)
            }
        case .array(let elements):
            for element in elements { flatten(element, at: path, into: &complaints) }
        case .string(let text):
            complaints.append(.init(path: path, text: String(text.prefix(500))))
        case .bool, .integer, .number:
            complaints.append(.init(path: path, text: String(decoding: value.bytes(), as: UTF8.self)))
        case .null: break
        }
    }

    /// The text between the tags, white space folded.
    private static func words(of page: String) -> String {
        var text = ""
        var inTag = false
        for character in page {
            switch character {
            case "<": inTag = true
            case ">" where inTag:
                inTag = false
                text.append(" ")
            default: if !inTag { text.append(character) }
            }
        }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? "an empty body" : String(words.prefix(500))
    }
}
