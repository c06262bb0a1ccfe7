/// The rates nearest to an alternative among those that are no harm.
///
/// Harm means that the canary's rate exceeds stable's by more than δ. Among the pairs
/// (p°, p° + δ) on the border of "no harm" this is the one with the least Kullback-Leibler
/// divergence n_s·KL(p‖p°) + n_c·KL(q‖p° + δ) from the alternative (p, q). The likelihood ratio
/// against it is an e-variable for every pair that is no harm: Turner and Grünwald, "Generic
/// E-variables for exact sequential k-sample tests that allow for optional stopping" (2021) and
/// "Exact anytime-valid confidence intervals for contingency tables and beyond" (2022).
///
/// - Parameters:
///   - stable: The alternative's rate p of stable, inside 0...1.
///   - canary: The alternative's rate q of the canary; q − p > `margin`.
///   - margin: δ, at least 0.
///   - stableCount: n_s, above 0.
///   - canaryCount: n_c, above 0.
/// - Returns: p°, in [p, q − δ], to 1e-12 of itself.
func projection(
    stable p: Double, canary q: Double, margin: Double, stableCount: Double, canaryCount: Double
) -> Double {
    let total = stableCount + canaryCount
    if margin == 0 { return (canaryCount * q + stableCount * p) / total }
    var low = p
    var high = q - margin
    var root = (stableCount * p + canaryCount * high) / total
    // The divergence is convex, so its derivative rises through one root. Multiplied by both
    // variances it is a cubic with the same sign: Newton's step where it stays inside the
    // bracket, half of the bracket where it does not. 60 halvings would do.
    for _ in 0..<60 {
        let shifted = root + margin
        let stableVariance = root * (1 - root)
        let canaryVariance = shifted * (1 - shifted)
        let stablePull = stableCount * (root - p)
        let canaryPull = canaryCount * (shifted - q)
        let derivative = stablePull * canaryVariance + canaryPull * stableVariance
        if derivative < 0 { low = root } else { high = root }
        let slope =
            stableCount * canaryVariance + stablePull * (1 - 2 * shifted)
            + canaryCount * stableVariance + canaryPull * (1 - 2 * root)
        let step = derivative / slope
        // Where the step is this small, rounding may put it outside the bracket.
        if abs(step) <= 1e-12 * root { break }
        let newton = root - step
        root = newton > low && newton < high ? newton : (low + high) / 2
    }
    return root
}
