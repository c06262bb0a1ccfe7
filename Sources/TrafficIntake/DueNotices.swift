/// Rollouts that the engine is to be told of, each in a certain number of ticks from now.
///
/// A wheel: to enter one, and to take those of a tick, costs the same however many wait. Ticks are
/// counted, not timed, so that a clock which is set holds up nothing.
struct DueNotices: Sendable {
    /// The most ticks ahead.
    static let most = 64

    private var slots = [[RolloutTraffic]](repeating: [], count: DueNotices.most + 1)
    private var present = 0

    /// - Parameter ticks: 1...``most``.
    mutating func add(_ rollout: RolloutTraffic, in ticks: Int) {
        slots[(present + min(max(1, ticks), Self.most)) % slots.count].append(rollout)
    }

    /// Goes on by a tick: those that are due now, in the order in which they were entered.
    mutating func advance() -> [RolloutTraffic] {
        present = (present + 1) % slots.count
        defer { slots[present] = [] }
        return slots[present]
    }
}
