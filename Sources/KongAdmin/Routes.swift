extension AdminCall {
    /// - Parameter key: id or name.
    public static func route(_ key: String) -> AdminCall {
        AdminCall(.get, one("routes", key))
    }
    public static func routes(tagged: TagFilter? = nil, page: Page = Page()) -> AdminCall {
        .list("/routes", tagged, page)
    }
    public static func routes(ofService service: String, page: Page = Page()) -> AdminCall {
        .list("\(one("services", service))/routes", nil, page)
    }
    public static func createRoute(_ draft: RouteDraft) -> AdminCall {
        AdminCall(.post, "/routes", body: draft.body())
    }
    public static func updateRoute(_ key: String, _ patch: RouteDraft) -> AdminCall {
        AdminCall(.patch, one("routes", key), body: patch.body())
    }
    public static func putRoute(_ key: String, _ draft: RouteDraft) -> AdminCall {
        AdminCall(.put, one("routes", key), body: draft.body())
    }
    public static func deleteRoute(_ key: String) -> AdminCall {
        AdminCall(.delete, one("routes", key))
    }
}

extension AdminClient {
    /// A route, by id or name; nil if it is not there.
    ///
    /// ```swift
    /// guard let route = try await client.route("predict") else { return }
    /// ```
    public func route(_ key: String) async throws(AdminError) -> Route? {
        try await answerIfPresent(Route.self, to: .route(key))
    }

    /// All routes, or those with certain tags; every page of them.
    ///
    /// ```swift
    /// let mine = try await client.routes(tagged: .any(["team-a", "team-b"]))
    /// ```
    public func routes(tagged: TagFilter? = nil) async throws(AdminError) -> [Route] {
        try await all(Route.self, "/routes", tagged)
    }

    /// The routes of a service (id or name); nil if there is no such service.
    ///
    /// ```swift
    /// let count = try await client.routes(ofService: "models")?.count
    /// ```
    public func routes(ofService service: String) async throws(AdminError) -> [Route]? {
        try await allIfPresent(Route.self, "\(AdminCall.one("services", service))/routes")
    }

    /// Makes a route; columns that are unset get Kong's defaults.
    ///
    /// One that is there already is refused with 409. Live within seconds, not at once.
    ///
    /// ```swift
    /// let route = try await client.createRoute(RouteDraft(name: "predict", paths: ["/predict"]))
    /// ```
    public func createRoute(_ draft: RouteDraft) async throws(AdminError) -> Route {
        try await answer(Route.self, to: .createRoute(draft))
    }

    /// Changes the columns that are set; nil if there is no such route. Live within seconds, not at once.
    ///
    /// ```swift
    /// let changed = try await client.updateRoute("predict", RouteDraft(paths: ["/predict"]))
    /// ```
    public func updateRoute(
        _ key: String, _ patch: RouteDraft
    ) async throws(AdminError) -> Route? {
        try await answerIfPresent(Route.self, to: .updateRoute(key, patch))
    }

    /// Makes a route or replaces it, keeping its id.
    ///
    /// Columns that are unset go back to Kong's defaults, and its time of creation is reset.
    /// To change what is there prefer ``updateRoute(_:_:)``.
    ///
    /// ```swift
    /// let route = try await client.putRoute("predict", RouteDraft(name: "predict", paths: ["/predict"]))
    /// ```
    public func putRoute(
        _ key: String, _ draft: RouteDraft
    ) async throws(AdminError) -> Route {
        try await answer(Route.self, to: .putRoute(key, draft))
    }

    /// Removes a route; Kong does not tell whether it was there.
    /// Its plugins go with it.
    ///
    /// ```swift
    /// try await client.deleteRoute("predict")
    /// ```
    public func deleteRoute(_ key: String) async throws(AdminError) {
        _ = try await isDone(.deleteRoute(key))
    }
}
