import AsyncHTTPClient
import DequeModule
import JSONText
import NIOCore
import NIOHTTP1
import Rollouts
import Synchronization

/// Hands records on to the log that an operator had on a wider scope, where ours took its place.
///
/// A bounded queue in memory, as Kong's own: what does not fit pushes out the oldest, and what an
/// endpoint does not take within three tries is dropped and told.
final class RecordForwarder: Sendable {
    /// Bytes that may wait, over all endpoints.
    private static let byteLimit = 32 << 20
    private static let pauses: [Duration] = [.zero, .milliseconds(200), .seconds(2)]

    private struct Batch {
        let forward: Footing.LogForward
        let body: [UInt8]
    }

    private struct Queue {
        var batches: Deque<Batch> = []
        var bytes = 0
        var displaced = 0
    }

    private let http: HTTPClient
    private let remark: @Sendable (String) -> Void
    private let queue = Mutex(Queue())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameter http: shared, and shut down by its owner.
    init(over http: HTTPClient, remark: @escaping @Sendable (String) -> Void) {
        self.http = http
        self.remark = remark
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Leaves a body to be sent. Returns at once.
    func put(_ body: [UInt8], to forwards: [Footing.LogForward]) {
        queue.withLock { queue in
            for forward in forwards {
                queue.batches.append(Batch(forward: forward, body: body))
                queue.bytes += body.count
            }
            while queue.bytes > Self.byteLimit, let oldest = queue.batches.popFirst() {
                queue.bytes -= oldest.body.count
                queue.displaced += 1
            }
        }
        ring.yield()
    }

    /// Sends what waits, in order, until cancelled.
    func run() async {
        for await _ in bell {
            while !Task.isCancelled, let batch = next() { await send(batch) }
        }
    }

    private func next() -> Batch? {
        let (batch, displaced) = queue.withLock { queue in
            defer { queue.displaced = 0 }
            let first = queue.batches.popFirst()
            queue.bytes -= first?.body.count ?? 0
            return (first, queue.displaced)
        }
        if displaced > 0 {
            remark("\(displaced) batches of log records were dropped: forwarding cannot keep up")
        }
        return batch
    }

    private func send(_ batch: Batch) async {
        for body in bodies(of: batch) {
            var reason = ""
            var isDone = false
            for pause in Self.pauses where !isDone {
                do {
                    try await Task.sleep(for: pause)
                    reason = try await post(body, to: batch.forward) ?? ""
                    isDone = reason.isEmpty
                } catch is CancellationError {
                    return
                } catch {
                    reason = "\(error)"
                }
            }
            if !isDone {
                remark("log records for plugin \(batch.forward.plugin) were dropped: \(reason)")
            }
        }
    }

    /// An endpoint that got one record a body gets one record a body.
    private func bodies(of batch: Batch) -> [[UInt8]] {
        guard batch.forward.batchSize == 1 else { return [batch.body] }
        let value: JSONValue
        // What cannot be read is handed on as it came: it is not ours to judge.
        do { value = try JSONValue(parsing: batch.body) } catch { return [batch.body] }
        return value.array?.map { $0.encoded() } ?? [batch.body]
    }

    /// - Returns: why it was not taken; nil: it was.
    private func post(
        _ body: [UInt8], to forward: Footing.LogForward
    ) async throws -> String? {
        var request = HTTPClientRequest(url: forward.endpoint)
        request.method = HTTPMethod(rawValue: forward.method)
        request.headers.add(name: "content-type", value: forward.contentType)
        for (name, value) in forward.headers.sorted(by: { $0.key < $1.key }) {
            request.headers.add(name: name, value: value)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await http.execute(
            request, timeout: .milliseconds(Int64(max(100, forward.timeout))))
        return response.status.code < 300 ? nil : "it answered \(response.status.code)"
    }
}
