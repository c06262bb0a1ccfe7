internal import HTTPMessage
internal import HTTPTypes
internal import Synchronization

/// What a model server is beside its port; the port's handler holds this, not the server.
final class ModelLife: Sendable {
    /// What one request gets, and when.
    struct Turn: Sendable {
        let latency: Duration
        let response: Response
    }

    private struct State {
        var behaviour: ModelBehaviour
        var numbers: SeededNumbers
        var counts = ModelServer.Counts()
        /// Carries what the error rate leaves over, so that the rate holds exactly in the long run.
        var errorDebt = 0.0
        var isDead = false
    }

    private let name: String
    private let state: Mutex<State>

    init(name: String, behaviour: ModelBehaviour, seed: UInt64) {
        self.name = name
        state = Mutex(State(behaviour: behaviour, numbers: SeededNumbers(seed: seed)))
    }

    var behaviour: ModelBehaviour {
        get { state.withLock { $0.behaviour } }
        set { state.withLock { $0.behaviour = newValue } }
    }

    var isDead: Bool {
        get { state.withLock { $0.isDead } }
        set { state.withLock { $0.isDead = newValue } }
    }

    var counts: ModelServer.Counts { state.withLock { $0.counts } }

    func resetCounts() { state.withLock { $0.counts = ModelServer.Counts() } }

    /// The next answer; `nil` from a model that is dead.
    func turn() -> Turn? {
        let drawn = state.withLock { state -> (latency: Duration, score: Int?)? in
            guard !state.isDead else { return nil }
            state.counts.requests += 1
            state.errorDebt += state.behaviour.errorRate
            let latency = state.behaviour.latency(using: &state.numbers)
            let score = state.behaviour.score(using: &state.numbers)
            guard state.errorDebt >= 1 else { return (latency, score) }
            state.errorDebt -= 1
            state.counts.errors += 1
            return (latency, nil)
        }
        return drawn.map { Turn(latency: $0.latency, response: response($0.score)) }
    }

    private static let modelField = HTTPField.Name("x-model")
    private static let scoreField = HTTPField.Name("x-model-score")

    private func response(_ score: Int?) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let modelField = Self.modelField { headers[modelField] = name }
        guard let score else {
            let row: Row = [
                "model": .string(name), "message": "the model failed, as it was told to",
            ]
            return Response(
                status: .internalServerError, headers: headers,
                body: .bytes(LuaValue.table(row).json))
        }
        let digits = String(score)
        let text = "0." + String(repeating: "0", count: 4 - digits.count) + digits
        if let scoreField = Self.scoreField { headers[scoreField] = text }
        var body = LuaValue.table(["model": .string(name)]).json
        body.removeLast()
        body.append(contentsOf: ",\"score\":\(text)}".utf8)
        return Response(status: .ok, headers: headers, body: .bytes(body))
    }
}
