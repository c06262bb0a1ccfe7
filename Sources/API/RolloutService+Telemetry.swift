public import HTTPMessage
import HTTPTypes
import Rollouts

/// Kong's log records, posted to a path that carries the rollout's own secret: http-log drops
/// query strings, and no token of ours belongs into Kong's configuration.
extension RolloutService {
    /// The most bytes of a body with log records.
    static let telemetryLimit = 8 << 20

    private static let taken = PreparedResponse(status: .noContent, headers: [:], bytes: [])

    private enum Standing {
        case open(RolloutName)
        /// Nothing is judged any more; what still comes is dropped.
        case over
        case unknown
        case notReady
    }

    /// Takes Kong's log records; nil: the request is for ``respond(to:)``.
    ///
    /// Comes from other hosts and without a token, also where tokens are configured, so that none
    /// of the checks of other requests applies. Does not wait for anything.
    public func telemetry(for request: Request) -> Response? {
        guard request.method == .post, let path = TelemetryPath(request.path) else { return nil }
        switch standing(path) {
        case .open(let name):
            if !request.body.isEmpty { configuration.telemetry?.receive(request.body, for: name) }
            return Response(Self.taken)
        case .over: return Response(Self.taken)
        case .unknown: return refusal(.noTelemetry, request.headers)
        case .notReady: return refusal(.notReady, request.headers)
        }
    }

    /// Who takes a body that was posted to `path`; nil: ask ``admit(_:)`` and
    /// ``telemetry(for:)``, which say the same of every request in more steps.
    ///
    /// - Parameter length: of the body in bytes.
    public func receiver(_ path: Span<UInt8>, length: Int) -> (any BodyReceiver)? {
        guard length <= Self.telemetryLimit, let parts = TelemetryPath.parts(of: path)
        else { return nil }
        return configuration.telemetry?.receiver(
            name: path.extracting(parts.name), secret: path.extracting(parts.secret),
            answer: Self.taken)
    }

    /// Before the body is read, so that nobody without the secret can make the service hold one.
    func telemetryAdmission(_ head: RequestHead) -> Admission? {
        guard head.method == .post, let path = TelemetryPath(head.path) else { return nil }
        switch standing(path) {
        case .open:
            guard let length = head.contentLength, length > Self.telemetryLimit else {
                return .accept(maxBody: Self.telemetryLimit)
            }
            return .reject(refusal(.tooLarge(Self.telemetryLimit), head.headers))
        case .over: return .reject(Response(Self.taken))
        case .unknown: return .reject(refusal(.noTelemetry, head.headers))
        case .notReady: return .reject(refusal(.notReady, head.headers))
        }
    }

    /// A wrong secret and an unknown rollout are the same to whoever asks, in what is answered and
    /// in how long it takes.
    private func standing(_ path: TelemetryPath) -> Standing {
        let name = RolloutName(path.name)
        let rollout = name.flatMap { conductor.state(of: $0)?.rollout }
        let kept = rollout?.telemetrySecret ?? ""
        let isRight = path.hasSecret(kept.isEmpty ? TelemetryPath.nobodysSecret : kept)
        guard let rollout, !kept.isEmpty, isRight else {
            return conductor.isReady ? .unknown : .notReady
        }
        return rollout.phase.isEnded || !rollout.plan.analysis.isEnabled
            ? .over : .open(rollout.name)
    }

    private func refusal(_ problem: Problem, _ headers: RequestHeaders) -> Response {
        finished(problem.response(requestID:), headers)
    }
}

extension Problem {
    /// Names neither the rollout nor the secret.
    fileprivate static let noTelemetry = notFound(
        "No log records are expected at this path: the rollout or its secret is another.")
}
