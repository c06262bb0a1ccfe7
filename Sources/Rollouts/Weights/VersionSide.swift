/// Which of a rollout's two versions a target belongs to.
public enum VersionSide: String, Hashable, CaseIterable, Sendable {
    case stable
    case canary
}
