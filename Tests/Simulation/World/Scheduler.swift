import CScheduling

/// One thread on which everything happens: Swift's tasks in an order drawn from the seed, and
/// events in the order of virtual time.
///
/// Every job of every task and actor comes here through the hook of Swift's runtime, and blocking
/// work runs in ``Fiber``s that go only when told to. So nothing in a run depends on the machine.
///
/// `@unchecked Sendable`: there is only one thread that runs at any moment.
public final class Scheduler: @unchecked Sendable {
    nonisolated(unsafe) private static var current: Scheduler?

    /// What nothing takes less than: a loop that waits for time would never end without.
    static let instant = Duration.microseconds(50)

    /// Since the world began.
    public private(set) var now = Duration.zero
    private var dice: Dice
    private var jobs: [UnsafeMutableRawPointer] = []
    private var timers = TimerHeap()
    var running: Fiber?
    public private(set) var jobCount = 0

    public init(seed: UInt64) {
        dice = Dice(seed &* 0x5851_F42D_4C95_7F2D &+ 1)
        Scheduler.current = self
        scheduling_take_over { job in
            guard let job else { return }
            Scheduler.current?.jobs.append(job)
        }
    }

    /// Does `work` at `time`.
    ///
    /// - Parameter owner: the process it belongs to, with which it ends; 0: the world.
    @discardableResult
    public func at(
        _ time: Duration, of owner: Int = 0, _ work: @escaping () -> Void
    ) -> Timer {
        let timer = Timer(due: max(time, now), owner: owner, work: work)
        timers.insert(timer)
        return timer
    }

    @discardableResult
    public func after(
        _ delay: Duration, of owner: Int = 0, _ work: @escaping () -> Void
    ) -> Timer {
        at(now + max(delay, .zero), of: owner, work)
    }

    /// Runs until `end`, or until `isOver`.
    public func run(until end: Duration, isOver: () -> Bool = { false }) {
        while !isOver() {
            runJobs()
            guard let timer = timers.first, timer.due <= end else { break }
            timers.removeFirst()
            now = max(now, timer.due)
            timer.fire()
        }
        if !isOver() { now = max(now, end) }
    }

    /// Lets everything of a dead process come to its end, at this instant.
    func bury(_ owner: Int) {
        runJobs()
        while true {
            let left = timers.remove { $0.owner == owner }
            if left.isEmpty { return }
            for timer in left { timer.fire() }
            runJobs()
        }
    }

    private func runJobs() {
        while !jobs.isEmpty {
            let place = dice.roll(jobs.count)
            let job = jobs[place]
            jobs[place] = jobs[jobs.count - 1]
            jobs.removeLast()
            jobCount += 1
            scheduling_run(job)
        }
    }

    /// Sleeps in virtual time; returns early when the task is cancelled.
    func sleep(_ duration: Duration, of owner: Int) async {
        let nap = Nap()
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                nap.begin(continuation)
                nap.timer = after(duration, of: owner) { nap.end() }
                if nap.isCancelled { after(Self.instant, of: owner) { nap.end() } }
            }
        } onCancel: {
            nap.isCancelled = true
            after(Self.instant, of: owner) { nap.end() }
        }
    }
}

/// Something that will happen, unless it is called off.
public final class Timer: @unchecked Sendable {
    let due: Duration
    let owner: Int
    private var work: (() -> Void)?

    init(due: Duration, owner: Int, work: @escaping () -> Void) {
        self.due = due
        self.owner = owner
        self.work = work
    }

    public func cancel() { work = nil }

    func fire() {
        defer { work = nil }
        work?()
    }
}

/// One sleep, ended once.
private final class Nap: @unchecked Sendable {
    private var continuation: CheckedContinuation<Void, Never>?
    private var isOver = false
    var isCancelled = false
    var timer: Timer?

    func begin(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    func end() {
        guard !isOver, let continuation else { return }
        isOver = true
        timer?.cancel()
        continuation.resume()
    }
}
