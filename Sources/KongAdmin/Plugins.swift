extension AdminCall {
    /// - Parameter key: id, or since 3.2 instance name.
    public static func plugin(_ key: String) -> AdminCall {
        AdminCall(.get, one("plugins", key))
    }
    public static func plugins(tagged: TagFilter? = nil, page: Page = Page()) -> AdminCall {
        .list("/plugins", tagged, page)
    }
    public static func plugins(ofRoute route: String, page: Page = Page()) -> AdminCall {
        .list("\(one("routes", route))/plugins", nil, page)
    }
    public static func plugins(ofService service: String, page: Page = Page()) -> AdminCall {
        .list("\(one("services", service))/plugins", nil, page)
    }
    public static func createPlugin(_ draft: PluginDraft) -> AdminCall {
        AdminCall(.post, "/plugins", body: draft.body())
    }
    public static func updatePlugin(_ key: String, _ patch: PluginDraft) -> AdminCall {
        AdminCall(.patch, one("plugins", key), body: patch.body())
    }
    public static func putPlugin(_ key: String, _ draft: PluginDraft) -> AdminCall {
        AdminCall(.put, one("plugins", key), body: draft.body())
    }
    public static func deletePlugin(_ key: String) -> AdminCall {
        AdminCall(.delete, one("plugins", key))
    }
}

extension AdminClient {
    /// A plugin, by id, or since 3.2 instance name; nil if it is not there.
    ///
    /// ```swift
    /// guard let plugin = try await client.plugin(id) else { return }
    /// ```
    public func plugin(_ key: String) async throws(AdminError) -> Plugin? {
        try await answerIfPresent(Plugin.self, to: .plugin(key))
    }

    /// All plugins, or those with certain tags; every page of them.
    ///
    /// ```swift
    /// let mine = try await client.plugins(tagged: .any(["team-a", "team-b"]))
    /// ```
    public func plugins(tagged: TagFilter? = nil) async throws(AdminError) -> [Plugin] {
        try await all(Plugin.self, "/plugins", tagged)
    }

    /// The plugins of a route (id or name); nil if there is no such route.
    ///
    /// ```swift
    /// let count = try await client.plugins(ofRoute: "models")?.count
    /// ```
    public func plugins(ofRoute route: String) async throws(AdminError) -> [Plugin]? {
        try await allIfPresent(Plugin.self, "\(AdminCall.one("routes", route))/plugins")
    }

    /// The plugins of a service (id or name); nil if there is no such service.
    ///
    /// ```swift
    /// let count = try await client.plugins(ofService: "models")?.count
    /// ```
    public func plugins(ofService service: String) async throws(AdminError) -> [Plugin]? {
        try await allIfPresent(Plugin.self, "\(AdminCall.one("services", service))/plugins")
    }

    /// Makes a plugin; columns that are unset get Kong's defaults.
    ///
    /// One that is there already is refused with 409. Live within seconds, not at once.
    ///
    /// ```swift
    /// let plugin = try await client.createPlugin(PluginDraft(name: "cors"))
    /// ```
    public func createPlugin(_ draft: PluginDraft) async throws(AdminError) -> Plugin {
        try await answer(Plugin.self, to: .createPlugin(draft))
    }

    /// Changes the columns that are set; nil if there is no such plugin. Live within seconds, not at once.
    ///
    /// ```swift
    /// let changed = try await client.updatePlugin(id, PluginDraft(enabled: false))
    /// ```
    public func updatePlugin(
        _ key: String, _ patch: PluginDraft
    ) async throws(AdminError) -> Plugin? {
        try await answerIfPresent(Plugin.self, to: .updatePlugin(key, patch))
    }

    /// Makes a plugin or replaces it, keeping its id.
    ///
    /// Columns that are unset go back to Kong's defaults, and its time of creation is reset.
    /// To change what is there prefer ``updatePlugin(_:_:)``.
    ///
    /// ```swift
    /// let plugin = try await client.putPlugin(id, PluginDraft(name: "cors"))
    /// ```
    public func putPlugin(
        _ key: String, _ draft: PluginDraft
    ) async throws(AdminError) -> Plugin {
        try await answer(Plugin.self, to: .putPlugin(key, draft))
    }

    /// Removes a plugin; Kong does not tell whether it was there.
    ///
    /// ```swift
    /// try await client.deletePlugin(id)
    /// ```
    public func deletePlugin(_ key: String) async throws(AdminError) {
        _ = try await isDone(.deletePlugin(key))
    }
}
