/// Which entities of a list are wanted, by their tags. Kong allows up to five and refuses more (code 11).
///
/// Kong filters only its top-level lists; on lists below another entity it would ignore the filter,
/// so those calls do not take one.
///
/// ```swift
/// let mine = try await client.services(tagged: .all(["team-a", "live"]))
/// ```
public enum TagFilter: Sendable, Hashable {
    /// Every one of these tags.
    case all([String])
    /// At least one of these tags.
    case any([String])

    var query: String {
        switch self {
        case .all(let tags): tags.map(AdminCall.segment).joined(separator: ",")
        case .any(let tags): tags.map(AdminCall.segment).joined(separator: "/")
        }
    }
}
