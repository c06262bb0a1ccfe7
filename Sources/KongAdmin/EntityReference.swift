/// How an answer of Kong names another entity: always by its id.
public struct EntityReference: Sendable, Hashable, Codable {
    /// A UUID.
    public let id: String

    public init(id: String) { self.id = id }
}

/// How a draft names another entity: by id, or by a name that Kong looks up (400, code 13, if it is unknown).
///
/// ```swift
/// let draft = RouteDraft(name: "predict", paths: ["/predict"], service: .value(.name("models")))
/// ```
public enum EntityKey: Sendable, Hashable {
    case id(String)
    case name(String)

    var json: AdminJSON {
        switch self {
        case .id(let id): ["id": .string(id)]
        case .name(let name): ["name": .string(name)]
        }
    }
}
