import Glibc
import Ledger

/// A thread that runs only while the scheduler waits for it, and the other way round.
///
/// `@unchecked Sendable`: the two hand the right to run to each other.
final class Fiber: @unchecked Sendable {
    private let scheduler: Scheduler
    private let turn = Semaphore()
    private let back = Semaphore()
    private let work: () -> Void
    let owner: Int

    init?(on scheduler: Scheduler, of owner: Int, _ work: @escaping () -> Void) {
        self.scheduler = scheduler
        self.owner = owner
        self.work = work
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Fiber>.fromOpaque(pointer).takeRetainedValue().live()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else { return nil }
        pthread_detach(thread)
    }

    private func live() {
        turn.wait()
        work()
        back.post()
    }

    /// Called by the scheduler's thread: runs the fiber until it waits or ends.
    func resume() {
        let before = scheduler.running
        scheduler.running = self
        turn.post()
        back.wait()
        scheduler.running = before
    }

    /// Called by the fiber itself: waits to be resumed.
    func park() {
        back.post()
        turn.wait()
    }
}

private final class Semaphore: @unchecked Sendable {
    private let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(pointer, 0, 0) }

    deinit {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    func post() { sem_post(pointer) }
    func wait() { while sem_wait(pointer) != 0 {} }
}

/// The ledger's threads in the simulation.
struct FiberThreads: LedgerThreads {
    let scheduler: Scheduler
    let owner: Int

    func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard let fiber = Fiber(on: scheduler, of: owner, work) else { return false }
        scheduler.after(.microseconds(20), of: owner) { fiber.resume() }
        return true
    }

    func now() -> Duration { scheduler.now }
    func makeGate() -> any ThreadGate { FiberGate(scheduler: scheduler, owner: owner) }
    /// A simulated machine has no memory of its own to give back to.
    func releaseFreeMemory() {}
}

/// `@unchecked Sendable`: only one thread runs at any moment.
private final class FiberGate: ThreadGate, @unchecked Sendable {
    private let scheduler: Scheduler
    private let owner: Int
    private var isOpen = false
    private var waiting: (fiber: Fiber, timer: Timer?)?

    init(scheduler: Scheduler, owner: Int) {
        self.scheduler = scheduler
        self.owner = owner
    }

    func open() {
        isOpen = true
        guard let (fiber, timer) = waiting else { return }
        waiting = nil
        timer?.cancel()
        scheduler.after(.microseconds(5), of: owner) { fiber.resume() }
    }

    func pass(within limit: Duration?) {
        defer { isOpen = false }
        guard !isOpen, let fiber = scheduler.running else { return }
        let timer = limit.map { limit in
            scheduler.after(limit, of: owner) { [self] in
                waiting = nil
                fiber.resume()
            }
        }
        waiting = (fiber, timer)
        fiber.park()
    }
}
