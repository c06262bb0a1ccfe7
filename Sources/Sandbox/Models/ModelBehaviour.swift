internal import Foundation

/// How a model server of the sandbox behaves; may change at any time.
public struct ModelBehaviour: Equatable, Sendable {
    /// The part of requests answered with 500, 0...1. It holds exactly in the long run: at 0.25
    /// every fourth request fails.
    public var errorRate = 0.0
    /// How long an answer is held back: the median, where `latencySpread` is above 0.
    public var latency = Duration.zero
    /// The standard deviation of the latency's natural logarithm, 0...2; 0: always `latency`.
    public var latencySpread = 0.0
    /// The median of the scores, 0.001...0.999.
    public var scoreMedian = 0.3
    /// The standard deviation of the scores' logit, 0...3. Two models that differ in `scoreMedian`
    /// alone have a Kolmogorov-Smirnov distance of 2Φ(d/2s)-1, where d is the difference of the
    /// medians' logits and s this spread: 0.3 and 0.46 with 0.8 are 0.33 apart.
    public var scoreSpread = 0.8

    public init() {}

    /// How long the next answer is held back; at most a minute.
    func latency(using generator: inout some RandomNumberGenerator) -> Duration {
        guard latencySpread > 0, latency > .zero else { return latency }
        return min(.seconds(60), latency * exp(latencySpread * Self.normal(using: &generator)))
    }

    /// The next score in ten-thousandths, 1...9999.
    func score(using generator: inout some RandomNumberGenerator) -> Int {
        let median = min(0.999, max(0.001, scoreMedian))
        let logit = log(median / (1 - median)) + scoreSpread * Self.normal(using: &generator)
        return min(9999, max(1, Int((10_000 / (1 + exp(-logit))).rounded())))
    }

    /// Box and Muller's: a standard normal variate of two uniform ones.
    private static func normal(using generator: inout some RandomNumberGenerator) -> Double {
        let radius = (-2 * log(Double.random(in: 0.0.nextUp..<1, using: &generator))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }
}

/// Random numbers that a seed repeats: SplitMix64.
struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
