internal import Rollouts

/// One write towards the desired state, and what it is for.
struct Change: Hashable, Sendable {
    let write: KongWrite
    let why: String
    /// The weight it moves; nil for other writes.
    var weight: WeightWrite?
    /// Only once everything before it is confirmed on every node.
    var isAfterConfirmation = false

    var planned: PlannedCall {
        let call = write.call
        return PlannedCall(method: call.method, path: call.path, body: call.body ?? [], why: why)
    }
}
