internal import Rollouts

/// Who is to be looked at next: aborts first, then what was woken, then what is due. One pass a
/// rollout at a time; a wake during a pass makes one more.
struct Schedule: Sendable {
    private struct Entry: Sendable {
        var serial = 0
        var isRunning = false
        var isQueued = false
        var isWokenAgain = false
        var isUrgent = false
        var isIdle = false
    }

    /// Passes at once.
    static let width = 16
    /// Passes beyond these that are for aborts: a Kong that hangs must not hold them up.
    static let urgentWidth = 8
    /// Between two looks that nobody asked for: at most 50 a second.
    static let idlePace = Duration.milliseconds(20)

    private var entries: [RolloutName: Entry] = [:]
    private var urgent: [RolloutName] = []
    private var woken: [RolloutName] = []
    private var timers = DueQueue()
    private var running = 0
    private var nextIdle = Duration.zero

    var count: Int { entries.count }

    mutating func wake(_ name: RolloutName, isUrgent: Bool) {
        var entry = entries[name] ?? Entry()
        let wasUrgent = entry.isUrgent
        entry.isUrgent = entry.isUrgent || isUrgent
        if entry.isRunning {
            entry.isWokenAgain = true
        } else if !entry.isQueued || (entry.isUrgent && !wasUrgent) {
            // An earlier place in the other queue is skipped: the pass clears `isQueued`.
            entry.isQueued = true
            entry.serial += 1
            if entry.isUrgent { urgent.append(name) } else { woken.append(name) }
        }
        entries[name] = entry
    }

    /// Everything that waits, aborts first.
    mutating func wakeAll() {
        for name in entries.keys.sorted() where entries[name]?.isUrgent == true {
            wake(name, isUrgent: true)
        }
        for name in entries.keys.sorted() { wake(name, isUrgent: false) }
    }

    /// Who starts now; nil: nobody may or needs to.
    mutating func start(at now: Duration) -> RolloutName? {
        guard running < Self.width + Self.urgentWidth else { return nil }
        while !urgent.isEmpty {
            let name = urgent.removeFirst()
            if entries[name]?.isQueued == true { return begin(name) }
        }
        guard running < Self.width else { return nil }
        while !woken.isEmpty {
            let name = woken.removeFirst()
            if entries[name]?.isQueued == true { return begin(name) }
        }
        while let first = timers.first, first.due <= now {
            guard let entry = entries[first.name], entry.serial == first.serial else {
                _ = timers.removeFirst()
                continue
            }
            if entry.isIdle {
                guard nextIdle <= now else { return nil }
                nextIdle = now + Self.idlePace
            }
            _ = timers.removeFirst()
            return begin(first.name)
        }
        return nil
    }

    private mutating func begin(_ name: RolloutName) -> RolloutName {
        entries[name]?.isQueued = false
        entries[name]?.isRunning = true
        entries[name]?.serial += 1
        running += 1
        return name
    }

    /// - Parameter delay: nil: it is not followed any longer.
    mutating func finish(
        _ name: RolloutName, after delay: Duration?, isIdle: Bool, at now: Duration
    ) {
        running -= 1
        guard var entry = entries[name] else { return }
        entry.isRunning = false
        if entry.isWokenAgain {
            entry.isWokenAgain = false
            entries[name] = entry
            wake(name, isUrgent: entry.isUrgent)
            return
        }
        guard let delay else {
            entries[name] = nil
            return
        }
        if isIdle { entry.isUrgent = false }
        entry.isIdle = isIdle
        entry.serial += 1
        entries[name] = entry
        timers.insert(.init(due: now + delay, name: name, serial: entry.serial))
    }

    /// Whether an abort waits for the pass that is under way.
    func isUrgentlyAwaited(_ name: RolloutName) -> Bool {
        entries[name].map { $0.isUrgent && $0.isWokenAgain } ?? false
    }

    mutating func forget(_ name: RolloutName) { entries[name] = nil }

    /// How long nothing will be due; nil: until something is woken or ends.
    func pause(at now: Duration) -> Duration? {
        guard running < Self.width, let first = timers.first else { return nil }
        let isIdle = entries[first.name]?.isIdle ?? false
        return max(max(first.due, isIdle ? nextIdle : .zero) - now, .zero)
    }
}
