internal import HTTPMessage
internal import HTTPServer
internal import HTTPTypes
internal import Synchronization

/// A little model server on loopback: it answers every request with its name and a score.
public final class ModelServer: Sendable {
    /// How it behaves; changed at any time.
    public struct Behaviour: Equatable, Sendable {
        /// The part of requests answered with 500, 0...1.
        public var errorRate: Double
        public var latency: Duration
    }

    /// What it has answered so far.
    public struct Counts: Equatable, Sendable {
        public var requests = 0
        /// Of these, answered with 500.
        public var errors = 0
    }

    private struct State {
        var behaviour: Behaviour
        var counts = Counts()
        /// Carries what the error rate leaves over, so that the rate holds exactly in the long run.
        var errorDebt = 0.0
        var isStopped = false
    }

    public let name: String
    /// The `host:port` that a target has to name to reach it.
    public let target: String
    /// Where it really listens, on 127.0.0.1.
    public let port: Int
    private let listener: Listener
    private let state: Kept

    /// The listener's handler holds this, not the server.
    private final class Kept: Sendable {
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }

    init(_ specification: ModelSpecification) throws(ListenError) {
        let name = specification.name
        let kept = Kept(
            State(
                behaviour: Behaviour(
                    errorRate: specification.errorRate, latency: specification.latency)))
        let isLoopback = specification.host.hasPrefix("127.") || specification.host == "localhost"
        let port = isLoopback ? UInt16(clamping: specification.port) : 0
        let address = isLoopback && specification.host != "localhost"
            ? specification.host : "127.0.0.1"
        listener = try Listener.start(
            on: .tcp(host: address, port: port),
            admit: { _ in .accept(maxBody: ProxyLimits.bodyBytes) },
            fault: { fault, _ in ServerFaults.answer(fault) },
            handler: { request in await Self.answer(request, name: name, kept: kept) })
        state = kept
        self.name = name
        self.port = Int(listener.port)
        let shown = isLoopback ? Int(listener.port) : specification.port
        target = "\(specification.host):\(shown)"
    }

    public var behaviour: Behaviour {
        get { state.state.withLock { $0.behaviour } }
        set { state.state.withLock { $0.behaviour = newValue } }
    }

    public var counts: Counts { state.state.withLock { $0.counts } }

    /// Starts counting from nothing.
    public func resetCounts() { state.state.withLock { $0.counts = Counts() } }

    /// Stops it: connections to its port are refused from then on.
    public func stop() async {
        state.state.withLock { $0.isStopped = true }
        await listener.stop(grace: .milliseconds(200))
    }

    /// What a connection to it would have given.
    func answer(
        _ request: Request, within timeout: Duration
    ) async throws(UpstreamClient.Failure) -> Response {
        let (isStopped, latency) = state.state.withLock { ($0.isStopped, $0.behaviour.latency) }
        if isStopped { throw .noConnection }
        if latency >= timeout {
            do { try await ContinuousClock().sleep(for: timeout) } catch { throw .broken }
            throw .timedOut
        }
        return await Self.answer(request, name: name, kept: state)
    }

    private static let modelField = HTTPField.Name("x-model")

    private static func answer(_ request: Request, name: String, kept: Kept) async -> Response {
        let (latency, fails, number) = kept.state.withLock { state in
            state.counts.requests += 1
            state.errorDebt += state.behaviour.errorRate
            let fails = state.errorDebt >= 1
            if fails {
                state.errorDebt -= 1
                state.counts.errors += 1
            }
            return (state.behaviour.latency, fails, state.counts.requests)
        }
        if latency > .zero {
            do { try await ContinuousClock().sleep(for: latency) } catch {
                return ServerFaults.answer(.deadlineExceeded)
            }
        }
        var headers: HTTPFields = [.contentType: "application/json"]
        if let modelField { headers[modelField] = name }
        let row: Row =
            if fails {
                ["model": .string(name), "message": "the model failed, as it was told to"]
            } else {
                ["model": .string(name), "score": .number(Double(number * 37 % 1000) / 1000)]
            }
        return Response(
            status: fails ? .internalServerError : .ok, headers: headers,
            body: .bytes(LuaValue.table(row).json))
    }
}
