internal import HTTPMessage
internal import HTTPServer
internal import HTTPTypes
internal import Synchronization

/// A little model server on loopback: it answers every request with its name and a score, in the
/// JSON body and in the header `x-model-score`.
public final class ModelServer: Sendable {
    /// What it has answered so far.
    public struct Counts: Equatable, Sendable {
        public var requests = 0
        /// Of these, answered with 500.
        public var errors = 0
    }

    public let name: String
    /// The `host:port` that a target has to name to reach it.
    public let target: String
    /// Where it really listens, on 127.0.0.1.
    public let port: Int
    /// How it behaved at first.
    public let initialBehaviour: ModelBehaviour
    private let address: String
    private let life: ModelLife
    private let door: Mutex<Door>

    private enum Door {
        case open(Listener)
        /// On its way from one to the other.
        case moving
        /// The port is kept, if nobody else got hold of it.
        case shut(HeldPort?)
    }

    init(_ specification: ModelSpecification) throws(ListenError) {
        let isLoopback = specification.host.hasPrefix("127.") || specification.host == "localhost"
        let port = isLoopback ? UInt16(clamping: specification.port) : 0
        let address = isLoopback && specification.host != "localhost"
            ? specification.host : "127.0.0.1"
        let life = ModelLife(
            name: specification.name, behaviour: specification.behaviour,
            seed: specification.seed ?? .random(in: 0...(.max)))
        let started = try Self.listen(address, port, life)
        self.life = life
        self.address = address
        door = Mutex(.open(started))
        name = specification.name
        initialBehaviour = specification.behaviour
        self.port = Int(started.port)
        target = "\(specification.host):\(isLoopback ? Int(started.port) : specification.port)"
    }

    public var behaviour: ModelBehaviour {
        get { life.behaviour }
        set { life.behaviour = newValue }
    }

    public var counts: Counts { life.counts }

    /// Starts counting from nothing.
    public func resetCounts() { life.resetCounts() }

    /// Whether its port takes connections.
    public var isUp: Bool { !life.isDead }

    /// Closes its port: connections are refused until ``restart()``.
    public func stop() async {
        life.isDead = true
        let present = door.withLock { door -> Listener? in
            guard case .open(let listener) = door else { return nil }
            door = .moving
            return listener
        }
        guard let present else { return }
        await present.stop(grace: .milliseconds(200))
        let held = HeldPort(address, UInt16(clamping: port))
        door.withLock { $0 = .shut(held) }
    }

    /// Listens again, on its old port; nothing happens if it does already.
    public func restart() throws(SandboxError) {
        let wasShut = door.withLock { door in
            guard case .shut = door else { return false }
            door = .moving
            return true
        }
        guard wasShut else { return }
        do throws(ListenError) {
            let next = try Self.listen(address, UInt16(clamping: port), life)
            door.withLock { $0 = .open(next) }
            life.isDead = false
        } catch {
            door.withLock { $0 = .shut(HeldPort(address, UInt16(clamping: port))) }
            throw .cannotListen(address: "\(address):\(port)", reason: "\(error)")
        }
    }

    /// What a connection to it would have given.
    func answer(within timeout: Duration) async throws(UpstreamClient.Failure) -> Response {
        guard let turn = life.turn() else { throw .noConnection }
        do { try await Self.wait(min(turn.latency, timeout)) } catch { throw .broken }
        if turn.latency >= timeout { throw .timedOut }
        return turn.response
    }

    private static func listen(
        _ address: String, _ port: UInt16, _ life: ModelLife
    ) throws(ListenError) -> Listener {
        try Listener.start(
            on: .tcp(host: address, port: port),
            admit: { _ in .accept(maxBody: ProxyLimits.bodyBytes) },
            fault: { fault, _ in ServerFaults.answer(fault) },
            handler: { _ in
                guard let turn = life.turn() else { return ServerFaults.answer(.unavailable) }
                do { try await wait(turn.latency) } catch {
                    return ServerFaults.answer(.deadlineExceeded)
                }
                return turn.response
            })
    }

    private static func wait(_ time: Duration) async throws {
        if time > .zero { try await ContinuousClock().sleep(for: time) }
    }
}
