/// One model server of the sandbox, as `--model NAME=HOST:PORT[,error=0.02,latency=20ms,…]` says it.
public struct ModelSpecification: Equatable, Sendable {
    /// What the model calls itself in its answers.
    public var name: String
    /// The host that Kong's targets name. A literal loopback address is listened on; any other name
    /// is resolved by the sandbox alone.
    public var host: String
    /// The port that targets name. On a literal address it is also the one listened on, where 0
    /// stands for any free one.
    public var port: Int
    /// How it behaves until it is told otherwise.
    public var behaviour = ModelBehaviour()
    /// What its random numbers begin with; `nil`: anything.
    public var seed: UInt64?

    public init(
        name: String, host: String, port: Int, errorRate: Double = 0, latency: Duration = .zero,
        seed: UInt64? = nil
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.seed = seed
        behaviour.errorRate = errorRate
        behaviour.latency = latency
    }

    /// The options, for help texts.
    public static let options = "[,error=0.02][,latency=20ms][,spread=0.3][,score=0.3][,seed=1]"

    /// Why a specification has no meaning; says what was found and what is allowed.
    public struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads `NAME=HOST:PORT` and options, for example
    /// `stable=stable-version.example.com:80,error=0.02,latency=20ms`; see ``ModelBehaviour``.
    public init(parsing text: String) throws(SyntaxError) {
        func refuse(_ reason: String) -> SyntaxError {
            SyntaxError(
                description: "\(reason) in model \"\(text)\"; expected "
                    + "NAME=HOST:PORT\(Self.options)")
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let sides = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else { throw refuse("no NAME= at the start") }
        name = String(sides[0])
        do throws(HostAddress.Refusal) {
            let address = try HostAddress(String(sides[1]))
            guard let port = address.port else { throw HostAddress.Refusal.badPort }
            host = address.bracketed
            self.port = port
        } catch {
            throw refuse(
                error == .badPort
                    ? "no port 0...65535 in \"\(sides[1])\"" : "no host in \"\(sides[1])\"")
        }
        for part in parts.dropFirst() {
            let option = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = option.count > 1 ? String(option[1]) : ""
            func number(_ range: ClosedRange<Double>, _ said: String) throws(SyntaxError) -> Double {
                guard let number = Double(value), range.contains(number) else {
                    throw refuse("\(option[0]) \"\(value)\" is not a number \(said)")
                }
                return number
            }
            switch option[0] {
            case "error": behaviour.errorRate = try number(0...1, "0...1")
            case "spread": behaviour.latencySpread = try number(0...2, "0...2")
            case "score": behaviour.scoreMedian = try number(0.001...0.999, "0.001...0.999")
            case "latency":
                guard let time = Self.duration(value) else {
                    throw refuse("latency \"\(value)\" is not a time 0ms...60s such as 20ms or 1.5s")
                }
                behaviour.latency = time
            case "seed":
                guard let seed = UInt64(value) else {
                    throw refuse("seed \"\(value)\" is not a whole number")
                }
                self.seed = seed
            default: throw refuse("unknown option \"\(part)\"")
            }
        }
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        let milliseconds: Double
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = number
        case "s": milliseconds = number * 1000
        default: return nil
        }
        return (0...60_000).contains(milliseconds) ? .milliseconds(milliseconds) : nil
    }
}
