public import Rollouts
internal import Synchronization

/// All configured gateways: makes each Kong match what is saved, and reads it back.
///
/// It and the engine know each other, so the engine is given afterwards, to ``run(reporting:)``.
public final class GatewayFleet: GatewayPort {
    private let runners: [String: GatewayRunner]
    private let clock: GatewayClock
    private let log: @Sendable (String) -> Void
    private let source = Mutex<(any RolloutSource)?>(nil)

    public init(
        _ gateways: [GatewayConfiguration], clock: GatewayClock,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.clock = clock
        self.log = log
        runners = Dictionary(
            gateways.map { ($0.name, GatewayRunner($0, clock: clock)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Follows rollouts until the task is cancelled. Wakes that came before are not lost.
    public func run(reporting source: any RolloutSource) async {
        self.source.withLock { $0 = source }
        await withDiscardingTaskGroup { group in
            for runner in runners.values {
                group.addTask { await runner.run(reporting: source, log: self.log) }
            }
        }
    }

    public func wake(_ name: RolloutName, gateway: String, isUrgent: Bool) {
        if let runner = runners[gateway] {
            runner.wake(name, isUrgent: isUrgent)
        } else if let source = source.withLock({ $0 }) {
            Task { await self.tellUnknown(name, gateway, source) }
        }
    }

    public func forget(_ name: RolloutName, gateway: String) { runners[gateway]?.forget(name) }

    /// A stored rollout whose gateway is no longer configured is kept, and says so.
    private func tellUnknown(
        _ name: RolloutName, _ gateway: String, _ source: any RolloutSource
    ) async {
        guard let rollout = await source.saved(name) else { return }
        var view = GatewayView()
        view.set(
            .gatewayInSync, .unknown, "GatewayUnknown",
            "Gateway \(gateway) is not configured; nothing is read or written. Configure it again, "
                + "or delete the rollout with abandon.", at: clock.timestamp())
        _ = await source.took(
            GatewayReport(rollout: name, epoch: rollout.epoch, finding: .looked, view: view))
    }

    public func descriptions() async -> [GatewayDescription] {
        var descriptions: [GatewayDescription] = []
        for name in runners.keys.sorted() {
            guard let runner = runners[name] else { continue }
            descriptions.append(await runner.description())
        }
        return descriptions
    }

    public func survey(_ plan: RolloutPlan) async -> Survey {
        guard let runner = runners[plan.gateway] else {
            return .invalid(
                pointer: "/gateway",
                detail: "there is no gateway \(plan.gateway); configured: "
                    + runners.keys.sorted().joined(separator: ", "))
        }
        return await runner.survey(plan, at: clock.timestamp())
    }

    public func plannedCalls(
        for rollout: Rollout
    ) async throws(GatewayUnreadable) -> [PlannedCall] {
        guard let runner = runners[rollout.plan.gateway] else {
            throw GatewayUnreadable(message: "gateway \(rollout.plan.gateway) is not configured")
        }
        return try await runner.plannedCalls(for: rollout, at: clock.timestamp())
    }
}
