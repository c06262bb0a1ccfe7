/// One model server of the sandbox, as `--model NAME=HOST:PORT[,error=0.02,latency=20ms]` says it.
public struct ModelSpecification: Equatable, Sendable {
    /// What the model calls itself in its answers.
    public var name: String
    /// The host that Kong's targets name. A literal loopback address is listened on; any other name
    /// is resolved by the sandbox alone.
    public var host: String
    /// The port that targets name. On a literal address it is also the one listened on, where 0
    /// stands for any free one.
    public var port: Int
    /// The part of requests answered with 500, 0...1.
    public var errorRate: Double
    /// How long every answer is held back.
    public var latency: Duration

    public init(
        name: String, host: String, port: Int, errorRate: Double = 0, latency: Duration = .zero
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.errorRate = errorRate
        self.latency = latency
    }

    /// Why a specification has no meaning; says what was found and what is allowed.
    public struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads `NAME=HOST:PORT[,error=RATE][,latency=TIME]`, for example
    /// `stable=stable-version.example.com:80,error=0.02,latency=20ms`.
    public init(parsing text: String) throws(SyntaxError) {
        func refuse(_ reason: String) -> SyntaxError {
            SyntaxError(
                description: "\(reason) in model \"\(text)\"; expected "
                    + "NAME=HOST:PORT[,error=0.02][,latency=20ms]")
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
        errorRate = 0
        latency = .zero
        for part in parts.dropFirst() {
            let option = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (option[0], option.count > 1 ? String(option[1]) : "") {
            case ("error", let value):
                guard let rate = Double(value), (0...1).contains(rate) else {
                    throw refuse("error \"\(value)\" is not a number 0...1")
                }
                errorRate = rate
            case ("latency", let value):
                guard let time = Self.duration(value) else {
                    throw refuse("latency \"\(value)\" is not a time 0ms...60s such as 20ms or 1.5s")
                }
                latency = time
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
