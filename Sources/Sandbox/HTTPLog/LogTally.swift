/// What became of the records of all `http-log` plugins of one node.
public struct LogTally: Equatable, Sendable {
    /// Posts that were answered below 300, and the records in them.
    public var posts = 0
    public var delivered = 0
    /// Posts that were not.
    public var failedPosts = 0
    /// Records that a full queue let go of.
    public var dropped = 0
    /// Records given up after their time for retries.
    public var lost = 0
}
