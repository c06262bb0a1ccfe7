extension AdminCall {
    public static let node = AdminCall(.get, "/")
    public static let status = AdminCall(.get, "/status")
}

extension AdminClient {
    /// What the node says of itself: version, database, workers. Ask seldom, it is dear to Kong.
    ///
    /// ```swift
    /// guard try await client.node().databaseMode == .postgres else { return }
    /// ```
    public func node() async throws(AdminError) -> NodeInformation {
        try await answer(NodeInformation.self, to: .node)
    }

    /// Whether the node reaches its database, and which declarative configuration it has.
    ///
    /// ```swift
    /// let isUp = try await client.status().isDatabaseReachable ?? true
    /// ```
    public func status() async throws(AdminError) -> NodeStatus {
        try await answer(NodeStatus.self, to: .status)
    }
}
