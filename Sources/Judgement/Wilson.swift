/// The score interval of Wilson, "Probable inference, the law of succession, and statistical
/// inference" (1927): for one look, not for all looks together.
public enum Wilson {
    /// The bounds of the rate behind `count` of `total`, fractions 0...1.
    ///
    /// - Parameter deviations: Standard deviations on either side; 1.96 for 95 %.
    public static func bounds(
        _ count: Int, of total: Int, deviations: Double = 1.959_963_984_540_054
    ) -> Interval {
        guard total > 0 else { return Interval(low: 0, high: 1) }
        let n = Double(total)
        let share = Double(count) / n
        let square = deviations * deviations
        let centre = share + square / (2 * n)
        let spread = deviations * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
        let scale = 1 + square / n
        return Interval(
            low: max(0, (centre - spread) / scale), high: min(1, (centre + spread) / scale))
    }
}
