internal import Rollouts

/// The tags by which what we made is told from what was there.
enum Ownership {
    static let tag = "kong-rollouts"

    static func tags(for name: RolloutName) -> [String] { [tag, "rollout:\(name)"] }

    static func isOurs(_ tags: [String]) -> Bool { tags.contains(tag) }

    /// Tags with which other programs say that they put back what they did not write.
    static func managers(in tags: [String]) -> [String] {
        tags.filter { tag in
            ["managed-by-", "k8s-", "deck"].contains { tag.hasPrefix($0) }
        }
    }
}
