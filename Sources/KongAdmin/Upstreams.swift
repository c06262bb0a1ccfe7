extension AdminCall {
    /// - Parameter key: id or name.
    public static func upstream(_ key: String) -> AdminCall {
        AdminCall(.get, one("upstreams", key))
    }
    public static func upstreams(tagged: TagFilter? = nil, page: Page = Page()) -> AdminCall {
        .list("/upstreams", tagged, page)
    }
    public static func createUpstream(_ draft: UpstreamDraft) -> AdminCall {
        AdminCall(.post, "/upstreams", body: draft.body())
    }
    public static func updateUpstream(_ key: String, _ patch: UpstreamDraft) -> AdminCall {
        AdminCall(.patch, one("upstreams", key), body: patch.body())
    }
    public static func putUpstream(_ key: String, _ draft: UpstreamDraft) -> AdminCall {
        AdminCall(.put, one("upstreams", key), body: draft.body())
    }
    public static func deleteUpstream(_ key: String) -> AdminCall {
        AdminCall(.delete, one("upstreams", key))
    }
    /// What the balancer of the answering worker holds.
    public static func health(of upstream: String) -> AdminCall {
        AdminCall(.get, "\(one("upstreams", upstream))/health")
    }
}

extension AdminClient {
    /// An upstream, by id or name; nil if it is not there.
    ///
    /// ```swift
    /// guard let upstream = try await client.upstream("models") else { return }
    /// ```
    public func upstream(_ key: String) async throws(AdminError) -> Upstream? {
        try await answerIfPresent(Upstream.self, to: .upstream(key))
    }

    /// All upstreams, or those with certain tags; every page of them.
    ///
    /// ```swift
    /// let mine = try await client.upstreams(tagged: .any(["team-a", "team-b"]))
    /// ```
    public func upstreams(tagged: TagFilter? = nil) async throws(AdminError) -> [Upstream] {
        try await all(Upstream.self, "/upstreams", tagged)
    }

    /// Makes an upstream; columns that are unset get Kong's defaults.
    ///
    /// One that is there already is refused with 409.
    ///
    /// ```swift
    /// let upstream = try await client.createUpstream(UpstreamDraft(name: "models"))
    /// ```
    public func createUpstream(_ draft: UpstreamDraft) async throws(AdminError) -> Upstream {
        try await answer(Upstream.self, to: .createUpstream(draft))
    }

    /// Changes the columns that are set; nil if there is no such upstream.
    ///
    /// ```swift
    /// let changed = try await client.updateUpstream("models", UpstreamDraft(hashOn: "none"))
    /// ```
    public func updateUpstream(
        _ key: String, _ patch: UpstreamDraft
    ) async throws(AdminError) -> Upstream? {
        try await answerIfPresent(Upstream.self, to: .updateUpstream(key, patch))
    }

    /// Makes an upstream or replaces it, keeping its id.
    ///
    /// Columns that are unset go back to Kong's defaults, and its time of creation is reset.
    /// To change what is there prefer ``updateUpstream(_:_:)``.
    ///
    /// ```swift
    /// let upstream = try await client.putUpstream("models", UpstreamDraft(name: "models"))
    /// ```
    public func putUpstream(
        _ key: String, _ draft: UpstreamDraft
    ) async throws(AdminError) -> Upstream {
        try await answer(Upstream.self, to: .putUpstream(key, draft))
    }

    /// Removes an upstream; Kong does not tell whether it was there.
    /// Its targets go with it; a service that names it falls back to DNS.
    ///
    /// ```swift
    /// try await client.deleteUpstream("models")
    /// ```
    public func deleteUpstream(_ key: String) async throws(AdminError) {
        _ = try await isDone(.deleteUpstream(key))
    }

    /// What one worker's balancer holds for an upstream (id or name); nil if there is no such one.
    ///
    /// ```swift
    /// let health = try await client.health(of: "models", freshConnection: true)
    /// let live = health?.targets.map { $0.data?.nodeWeight }
    /// ```
    /// - Parameter freshConnection: asks over a connection of its own, so that calls in a row meet
    ///   different workers; the kernel picks one for each new connection.
    public func health(
        of upstream: String, freshConnection: Bool = false
    ) async throws(AdminError) -> UpstreamHealth? {
        try await answerIfPresent(
            UpstreamHealth.self, to: .health(of: upstream), freshConnection: freshConnection)
    }
}
