extension AdminCall {
    /// - Parameter key: id or name.
    public static func service(_ key: String) -> AdminCall {
        AdminCall(.get, one("services", key))
    }
    public static func services(tagged: TagFilter? = nil, page: Page = Page()) -> AdminCall {
        .list("/services", tagged, page)
    }
    public static func createService(_ draft: ServiceDraft) -> AdminCall {
        AdminCall(.post, "/services", body: draft.body())
    }
    public static func updateService(_ key: String, _ patch: ServiceDraft) -> AdminCall {
        AdminCall(.patch, one("services", key), body: patch.body())
    }
    public static func putService(_ key: String, _ draft: ServiceDraft) -> AdminCall {
        AdminCall(.put, one("services", key), body: draft.body())
    }
    public static func deleteService(_ key: String) -> AdminCall {
        AdminCall(.delete, one("services", key))
    }
}

extension AdminClient {
    /// A service, by id or name; nil if it is not there.
    ///
    /// ```swift
    /// guard let service = try await client.service("models") else { return }
    /// ```
    public func service(_ key: String) async throws(AdminError) -> Service? {
        try await answerIfPresent(Service.self, to: .service(key))
    }

    /// All services, or those with certain tags; every page of them.
    ///
    /// ```swift
    /// let mine = try await client.services(tagged: .any(["team-a", "team-b"]))
    /// ```
    public func services(tagged: TagFilter? = nil) async throws(AdminError) -> [Service] {
        try await all(Service.self, "/services", tagged)
    }

    /// Makes a service; columns that are unset get Kong's defaults.
    ///
    /// One that is there already is refused with 409.
    ///
    /// ```swift
    /// let service = try await client.createService(ServiceDraft(name: "models", host: "models.upstream"))
    /// ```
    public func createService(_ draft: ServiceDraft) async throws(AdminError) -> Service {
        try await answer(Service.self, to: .createService(draft))
    }

    /// Changes the columns that are set; nil if there is no such service.
    ///
    /// ```swift
    /// let changed = try await client.updateService("models", ServiceDraft(host: "models"))
    /// ```
    public func updateService(
        _ key: String, _ patch: ServiceDraft
    ) async throws(AdminError) -> Service? {
        try await answerIfPresent(Service.self, to: .updateService(key, patch))
    }

    /// Makes a service or replaces it, keeping its id.
    ///
    /// Columns that are unset go back to Kong's defaults, and its time of creation is reset.
    /// To change what is there prefer ``updateService(_:_:)``.
    ///
    /// ```swift
    /// let draft = ServiceDraft(name: "models", host: "models.upstream")
    /// let service = try await client.putService("models", draft)
    /// ```
    public func putService(
        _ key: String, _ draft: ServiceDraft
    ) async throws(AdminError) -> Service {
        try await answer(Service.self, to: .putService(key, draft))
    }

    /// Removes a service; Kong does not tell whether it was there.
    /// A service with routes is refused with 400, code 4.
    ///
    /// ```swift
    /// try await client.deleteService("models")
    /// ```
    public func deleteService(_ key: String) async throws(AdminError) {
        _ = try await isDone(.deleteService(key))
    }
}
