/// Rates and shares over time, the same rates for both versions.
struct World {
    let name: String
    /// Failure rate of both versions at a second.
    let rate: (Double) -> Double
    /// The canary's share of the requests at a second.
    let share: (Double) -> Double
    let seconds: Double

    /// Kong's batches: one every 0.2 s.
    static let blocksPerSecond = 5.0

    static func constant(rate: Double, share: Double, seconds: Double) -> World {
        World(
            name: "constant \(percent(rate))", rate: { _ in rate }, share: { _ in share },
            seconds: seconds)
    }

    static func incident(share: Double) -> World {
        World(
            name: "10 s incident 0.1 → 20 %", rate: { (60..<70).contains($0) ? 0.2 : 0.001 },
            share: { _ in share }, seconds: 180)
    }

    static func tide(share: Double) -> World {
        World(
            name: "sinusoid 0.1-5 %",
            rate: { 0.0255 + 0.0245 * cosine(2 * .pi * $0 / 60) }, share: { _ in share },
            seconds: 180)
    }

    static var climb: World {
        World(
            name: "0.1 → 5 % with the step 5 → 50 %", rate: { $0 < 60 ? 0.001 : 0.05 },
            share: { $0 < 60 ? 0.05 : 0.5 }, seconds: 180)
    }
}
