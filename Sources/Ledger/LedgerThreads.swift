internal import CMalloc

/// Where the ledger's blocking work runs and waits: threads of the system, or those of a
/// simulation, which decides who goes on and what time it is.
public protocol LedgerThreads: Sendable {
    /// Runs `work` beside the caller.
    ///
    /// - Returns: False when there is no thread to give.
    func start(_ work: @escaping @Sendable () -> Void) -> Bool
    /// Monotonic, since an arbitrary beginning.
    func now() -> Duration
    func makeGate() -> any ThreadGate
    /// Gives memory that is free back to the system; takes as long as there is much of it.
    func releaseFreeMemory()
}

/// Where one thread waits for others.
public protocol ThreadGate: Sendable {
    /// Lets the thread that waits go on, or the next wait end at once.
    func open()
    /// Waits until the gate is opened.
    ///
    /// - Parameter limit: The longest wait; nil waits for ever.
    func pass(within limit: Duration?)
}

/// The system's own.
public struct SystemThreads: LedgerThreads {
    private let start = ContinuousClock.now

    public init() {}

    public func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        BlockingThread.start(work)
    }

    public func now() -> Duration { start.duration(to: .now) }
    public func makeGate() -> any ThreadGate { SystemGate() }

    /// glibc gives back what is free at the end of a thread's heap only, while what is kept for
    /// long, such as answers and events, ends up now in one heap and now in another: without this
    /// each heap stays as large as it ever was.
    public func releaseFreeMemory() { malloc_trim(0) }
}
