internal import Synchronization

/// The queue between those who append and the one thread that writes.
final class Inbox<Job: Sendable>: Sendable {
    private enum Waiting { case no, timed, untimed }

    private struct State {
        var jobs: [Job] = []
        var waiting = Waiting.no
        var isClosed = false
    }

    private let state = Mutex(State())
    private let threads: any LedgerThreads
    private let gate: any ThreadGate

    init(on threads: any LedgerThreads) {
        self.threads = threads
        gate = threads.makeGate()
    }

    /// - Parameter isLazy: The thread need not wake for it if it will wake by itself soon.
    /// - Returns: False when the inbox is closed; the job was not taken.
    func put(_ job: Job, isLazy: Bool = false) -> Bool {
        let (isTaken, wakes) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.jobs.append(job)
            guard state.waiting == .untimed || (state.waiting == .timed && !isLazy) else {
                return (true, false)
            }
            state.waiting = .no
            return (true, true)
        }
        if wakes { gate.open() }
        return isTaken
    }

    /// Everything that waits, in order; waits for something to come.
    ///
    /// - Parameter limit: After so long an empty answer is given; nil waits for ever.
    func takeAll(within limit: Duration?) -> [Job] {
        let end = limit.map { threads.now() + $0 }
        while true {
            let left = end.map { $0 - threads.now() }
            let isTimeUp = left.map { $0 <= .zero } ?? false
            let jobs: [Job]? = state.withLock { state in
                guard state.jobs.isEmpty, !isTimeUp else {
                    state.waiting = .no
                    defer { state.jobs = [] }
                    return state.jobs
                }
                state.waiting = left == nil ? .untimed : .timed
                return nil
            }
            if let jobs { return jobs }
            gate.pass(within: left)
        }
    }

    /// Takes no more; answers what had still come.
    func close() -> [Job] {
        state.withLock { state in
            state.isClosed = true
            defer { state.jobs = [] }
            return state.jobs
        }
    }
}
