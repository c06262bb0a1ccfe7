extension Alarm {
    /// One sentence for who is on call: what was measured, against what, when.
    public var message: String { sentence(period: "from \(from) to \(to)") }

    /// The same sentence with the period in other words.
    public func sentence(period: String) -> String {
        var text = "\(check) of the canary"
        text += canary.map { " was \(figure($0))" } ?? " was too high"
        text += " (\(canaryCount) counted)"
        if let stable { text += ", stable's \(figure(stable)) (\(stableCount) counted)" }
        text += ", \(period); \(limit) is \(figure(threshold, isLimit: true))"
        if let evidence, let evidenceNeeded {
            text += "; evidence \(Self.rounded(evidence, to: 1)) of "
                + "\(Self.rounded(evidenceNeeded, to: 1)) needed"
        }
        return text
    }

    private func figure(_ value: Double, isLimit: Bool = false) -> String {
        switch metric {
        case .errorRate, .share: "\(Self.rounded(value * 100, to: 2)) %"
        case .latency:
            isLimit && limit == "max_ratio"
                ? Self.rounded(value, to: 3) : "\(Self.rounded(value, to: 1)) ms"
        case .scoreDrift, .measurement, .prometheus: Self.rounded(value, to: 4)
        }
    }

    /// In the shortest form with at most so many decimals; very large numbers as powers of ten.
    private static func rounded(_ value: Double, to decimals: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value * scale).rounded() / scale
        let text = "\(scaled)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
