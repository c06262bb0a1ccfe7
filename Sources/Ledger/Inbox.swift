internal import Glibc

/// The queue between those who append and the one thread that writes.
///
/// `@unchecked Sendable`: everything mutable is touched only while `mutex` is held.
final class Inbox<Job: Sendable>: @unchecked Sendable {
    private enum Waiting { case no, timed, untimed }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [Job] = []
    private var waiting = Waiting.no
    private var isClosed = false

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// - Parameter isLazy: The thread need not wake for it if it will wake by itself soon.
    /// - Returns: False when the inbox is closed; the job was not taken.
    func put(_ job: Job, isLazy: Bool = false) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        jobs.append(job)
        if waiting == .untimed || (waiting == .timed && !isLazy) {
            waiting = .no
            pthread_cond_signal(condition)
        }
        return true
    }

    /// Everything that waits, in order; waits for something to come.
    ///
    /// - Parameter timeout: Milliseconds after which an empty answer is given; nil waits for ever.
    func takeAll(timeout: Int?) -> [Job] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        if let timeout {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + timeout % 1000 * 1_000_000
            deadline.tv_sec += timeout / 1000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        var isTimeUp = false
        while jobs.isEmpty && !isTimeUp {
            waiting = timeout == nil ? .untimed : .timed
            if timeout == nil {
                pthread_cond_wait(condition, mutex)
            } else {
                isTimeUp = pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT
            }
        }
        waiting = .no
        defer { jobs = [] }
        return jobs
    }

    /// Takes no more; answers what had still come.
    func close() -> [Job] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isClosed = true
        defer { jobs = [] }
        return jobs
    }
}
