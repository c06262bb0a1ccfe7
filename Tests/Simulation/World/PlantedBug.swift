/// Errors that can be planted, to see that the laws notice them. Each stands at a seam of the
/// service, where it does what the same mistake inside would do.
public enum PlantedBug: String, CaseIterable, Sendable {
    /// Kong is touched, and the client answered, before the change is on the disk.
    case saveAfterAct = "save-after-act"
    /// A renamed file's directory is not synced.
    case directoryNotSynced = "directory-not-synced"
    /// Stable goes down before the canary is up.
    case stableFirst = "stable-first"
    /// A service names its upstream before stable's targets are there.
    case serviceFirst = "service-first"
    /// The canary is raised before a direct service is led through the upstream.
    case raisedBeforeSwitch = "raised-before-switch"
    /// The gateway goes on with a promotion after an abort was saved.
    case abortOvertaken = "abort-overtaken"
    /// A restart knows no idempotency key.
    case keyForgotten = "key-forgotten"
    /// A hold begins as soon as the rows are written.
    case earlyHold = "early-hold"
}
