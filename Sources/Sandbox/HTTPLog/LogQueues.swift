internal import Synchronization

/// Sends the body of a post; true if it was taken.
typealias LogPost = @Sendable ([UInt8], HTTPLogSettings) async -> Bool

/// The queues of one node's `http-log` plugins.
///
/// As in Kong: a queue for each endpoint; batches leave when they are full or old enough, one at a
/// time; a batch that is not taken is sent again, later and later, until its time is over; a full
/// queue lets go of its oldest records. Whoever puts a record in never waits.
final class LogQueues<Entry: Sendable>: Sendable {
    private struct Queue {
        var settings: HTTPLogSettings
        var backlog = Backlog<Entry>()
        /// Waits for more records; cancelled when there are enough.
        var coalescing: Task<Void, Never>?
        var sender: Task<Void, Never>?

        /// Returns how many records wait then.
        mutating func add(
            _ entry: Entry, _ settings: HTTPLogSettings, _ tally: inout LogTally
        ) -> Int {
            self.settings = settings
            if backlog.count >= settings.entryLimit { tally.dropped += backlog.take(1).count }
            backlog.append(entry)
            return backlog.count
        }
    }

    private struct State {
        /// None of them is empty and idle.
        var queues: [String: Queue] = [:]
        var tally = LogTally()
        var isStopped = false
    }

    private let write: @Sendable ([Entry], _ asArray: Bool) -> [UInt8]
    private let post: LogPost
    private let state = Mutex(State())

    /// - Parameter write: makes a post's body: one object, or an array.
    init(
        write: @escaping @Sendable ([Entry], _ asArray: Bool) -> [UInt8], post: @escaping LogPost
    ) {
        self.write = write
        self.post = post
    }

    var tally: LogTally { state.withLock { $0.tally } }

    func put(_ entry: Entry, for settings: HTTPLogSettings) {
        state.withLock { state in
            guard !state.isStopped else { return }
            let name = settings.queueName
            let count = state.queues[name, default: Queue(settings: settings)]
                .add(entry, settings, &state.tally)
            if state.queues[name]?.sender == nil {
                state.queues[name]?.sender = Task.detached { [self] in await send(from: name) }
            } else if count >= settings.batchSize {
                state.queues[name]?.coalescing?.cancel()
            }
        }
    }

    /// Ends everything; what still waits is lost.
    func stop() async {
        let senders = state.withLock { state in
            state.isStopped = true
            for queue in state.queues.values {
                queue.coalescing?.cancel()
                queue.sender?.cancel()
            }
            return state.queues.values.compactMap(\.sender)
        }
        for sender in senders { await sender.value }
    }

    private func send(from name: String) async {
        while !Task.isCancelled {
            guard await coalesced(name) else { return }
            guard let (batch, settings) = take(name) else { continue }
            await deliver(batch, settings)
        }
    }

    /// Waits until a batch is due; false: there is nothing left, and the queue is gone.
    private func coalesced(_ name: String) async -> Bool {
        let (isGone, wait) = state.withLock { state -> (Bool, Task<Void, Never>?) in
            guard let queue = state.queues[name], !queue.backlog.isEmpty else {
                state.queues[name] = nil
                return (true, nil)
            }
            let settings = queue.settings
            let isFull = queue.backlog.count >= settings.batchSize
            if isFull || settings.coalescing == .zero { return (false, nil) }
            let wait = Task.detached {
                do { try await ContinuousClock().sleep(for: settings.coalescing) } catch { return }
            }
            state.queues[name]?.coalescing = wait
            if state.isStopped { wait.cancel() }
            return (false, wait)
        }
        await wait?.value
        return !isGone
    }

    private func take(_ name: String) -> ([Entry], HTTPLogSettings)? {
        state.withLock { state in
            state.queues[name]?.coalescing = nil
            guard let settings = state.queues[name]?.settings,
                let batch = state.queues[name]?.backlog.take(settings.batchSize)
            else { return nil }
            return (batch, settings)
        }
    }

    private func deliver(_ batch: [Entry], _ settings: HTTPLogSettings) async {
        let body = write(batch, settings.batchSize > 1)
        let clock = ContinuousClock()
        let begun = clock.now
        var retries = 0
        while !Task.isCancelled {
            if await post(body, settings) {
                state.withLock { state in
                    state.tally.posts += 1
                    state.tally.delivered += batch.count
                }
                return
            }
            state.withLock { $0.tally.failedPosts += 1 }
            guard clock.now - begun <= settings.retryTime else { break }
            do { try await clock.sleep(for: settings.retryDelay(after: retries)) } catch { break }
            retries += 1
        }
        state.withLock { $0.tally.lost += batch.count }
    }
}
