internal import Dispatch

/// Calls back at a fixed pace until it is cancelled, on a thread of its own, so that deadlines hold
/// even while the program's handlers keep every thread of Swift's pool busy.
///
/// Unchecked, because the imported timer does not promise what its library does: it may be used
/// from any thread. The invariant: it is set up before anybody else sees it, and later only
/// cancelled.
final class Clock: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    init(every pace: Duration, _ tick: @escaping @Sendable () -> Void) {
        let milliseconds = Int(clamping: max(1, pace.inMilliseconds))
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "http-server-clock"))
        timer.schedule(
            deadline: .now() + .milliseconds(milliseconds), repeating: .milliseconds(milliseconds))
        // A timer that nobody references stops; this one runs until it is cancelled, which drops
        // the handler and with it the timer.
        timer.setEventHandler { [timer] in withExtendedLifetime(timer, tick) }
        timer.resume()
    }

    func cancel() { timer.cancel() }
}
