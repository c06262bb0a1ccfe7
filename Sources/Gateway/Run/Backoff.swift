/// Full jitter below a ceiling that doubles from 100 ms.
/// - Parameters:
///   - failures: in a row, from 1.
///   - limit: of the ceiling: 30 s, or 2 s for an abort.
///   - jitter: 0..<1, drawn by the caller.
func backoff(failures: Int, limit: Duration, jitter: Double) -> Duration {
    let doublings = min(max(failures - 1, 0), 12)
    let ceiling = min(Duration.milliseconds(100) * (1 << doublings), limit)
    return max(ceiling * jitter, .milliseconds(5))
}
