/// An address behind an upstream, and its weight.
public struct Target: Sendable, Hashable {
    /// A UUID.
    public let id: String
    /// `host:port`; an IPv6 address in brackets and in full.
    public let target: String
    /// 0...65535. A host name gives each of its addresses the full weight.
    public let weight: Int
    public let tags: [String]?
    public let upstream: EntityReference
    /// Seconds since 1970, with milliseconds. The stamps of other entities have none.
    public let createdAt: Double
    /// Nil before 3.0.
    public let updatedAt: Double?
}

extension Target: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, target, weight, tags, upstream
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// Columns of a target. Kong allows null for `tags` alone.
///
/// Write `target` always with its port: Kong completes it on creation and forgets to on updates.
public struct TargetDraft: Draft {
    public var target: String?
    /// 0...65535; Kong's default is 100.
    public var weight: Int?
    public var tags: Field<[String]>

    public init(target: String? = nil, weight: Int? = nil, tags: Field<[String]> = .unset) {
        self.target = target
        self.weight = weight
        self.tags = tags
    }

    public var json: AdminJSON {
        var columns = Columns()
        columns.set("target", target)
        columns.set("weight", weight)
        columns.set("tags", tags)
        return columns.json
    }
}
