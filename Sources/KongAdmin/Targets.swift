extension AdminCall {
    /// - Parameter upstream: id or name.
    public static func targets(of upstream: String, page: Page = Page()) -> AdminCall {
        .list("\(one("upstreams", upstream))/targets", nil, page)
    }
    public static func target(_ key: String, in upstream: String) -> AdminCall {
        AdminCall(.get, path(key, in: upstream))
    }
    public static func createTarget(_ draft: TargetDraft, in upstream: String) -> AdminCall {
        AdminCall(.post, "\(one("upstreams", upstream))/targets", body: draft.body())
    }
    /// - Parameter key: id or `host:port`.
    public static func updateTarget(
        _ key: String, in upstream: String, _ patch: TargetDraft
    ) -> AdminCall {
        AdminCall(.patch, path(key, in: upstream), body: patch.body())
    }
    public static func deleteTarget(_ key: String, in upstream: String) -> AdminCall {
        AdminCall(.delete, path(key, in: upstream))
    }

    private static func path(_ key: String, in upstream: String) -> String {
        "\(one("upstreams", upstream))/targets/\(segment(key))"
    }
}

extension AdminClient {
    /// The targets of an upstream (id or name), newest first, those of weight 0 included; nil if there
    /// is no such upstream.
    ///
    /// ```swift
    /// let weights = try await client.targets(of: "models")?.map(\.weight)
    /// ```
    public func targets(of upstream: String) async throws(AdminError) -> [Target]? {
        try await allIfPresent(Target.self, "\(AdminCall.one("upstreams", upstream))/targets")
    }

    /// One target, by id or `host:port`; nil if it or its upstream is not there.
    ///
    /// ```swift
    /// let weight = try await client.target("10.0.0.7:8080", in: "models")?.weight
    /// ```
    public func target(
        _ key: String, in upstream: String
    ) async throws(AdminError) -> Target? {
        try await answerIfPresent(Target.self, to: .target(key, in: upstream))
    }

    /// Adds a target; nil if there is no such upstream. One that is there already is refused with 409;
    /// before 3.0 it was updated instead.
    ///
    /// ```swift
    /// let draft = TargetDraft(target: "10.0.0.7:8080", weight: 0)
    /// let target = try await client.createTarget(draft, in: "models")
    /// ```
    public func createTarget(
        _ draft: TargetDraft, in upstream: String
    ) async throws(AdminError) -> Target? {
        try await answerIfPresent(Target.self, to: .createTarget(draft, in: upstream))
    }

    /// Changes a target, found by id or `host:port`; nil if it or its upstream is not there.
    ///
    /// On the node that is asked a weight is live when this returns, on others of the same database after
    /// their next look at it.
    ///
    /// ```swift
    /// _ = try await client.updateTarget("[::1]:80", in: "models", TargetDraft(weight: 0))
    /// ```
    public func updateTarget(
        _ key: String, in upstream: String, _ patch: TargetDraft
    ) async throws(AdminError) -> Target? {
        try await answerIfPresent(Target.self, to: .updateTarget(key, in: upstream, patch))
    }

    /// Removes a target; false if it was not there.
    ///
    /// ```swift
    /// let wasThere = try await client.deleteTarget("10.0.0.7:8080", in: "models")
    /// ```
    @discardableResult
    public func deleteTarget(
        _ key: String, in upstream: String
    ) async throws(AdminError) -> Bool {
        try await isDone(.deleteTarget(key, in: upstream))
    }
}
