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
        let call = write.hidingSecrets.call
        return PlannedCall(method: call.method, path: call.path, body: call.body ?? [], why: why)
    }
}

extension KongWrite {
    /// The same for people to read.
    fileprivate var hidingSecrets: KongWrite {
        switch self {
        case .createPlugin(let name, let route, .log(let log), let tags):
            .createPlugin(name: name, route: route, .log(log.hidingSecret), tags: tags)
        case .updatePlugin(let id, .log(let log), let present, let tags):
            .updatePlugin(id: id, .log(log.hidingSecret), present: present, tags: tags)
        case .createUpstream, .updateUpstream, .createTarget, .setWeight, .deleteTarget,
            .createService, .updateService, .createRoute, .updateRoute, .createPlugin,
            .updatePlugin, .deletePlugin:
            self
        }
    }
}
