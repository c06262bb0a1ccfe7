internal import Glibc
internal import Synchronization

/// Where log lines go: each in one write, or many in one while they are gathered.
public final class LineSink: Sendable {
    private struct State {
        /// How many are gathering; lines wait as long as it is not 0.
        var gathering = 0
        var waiting: [UInt8] = []
    }

    /// Bytes that wait at most.
    private static let limit = 1 << 16

    private let state = Mutex(State())
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: gets whole lines, in order and never two at a time.
    public init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    public static let standardError = LineSink { lines in
        // Nowhere is left to tell that the log cannot be written.
        _ = Glibc.write(STDERR_FILENO, lines, lines.count)
    }

    /// - Parameter line: with its end.
    func put(_ line: String) {
        state.withLock { state in
            state.waiting.append(contentsOf: line.utf8)
            if state.gathering == 0 || state.waiting.count >= Self.limit { flush(&state) }
        }
    }

    /// What is put while `body` runs, by whomever, is written in as few pieces as may be.
    public func together(_ body: () -> Void) {
        state.withLock { $0.gathering += 1 }
        body()
        state.withLock { state in
            state.gathering -= 1
            if state.gathering == 0 { flush(&state) }
        }
    }

    private func flush(_ state: inout State) {
        guard !state.waiting.isEmpty else { return }
        write(state.waiting)
        state.waiting.removeAll(keepingCapacity: true)
    }
}
