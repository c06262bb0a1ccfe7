/// Values counted in equal steps, for the rules that the e-process is compared with.
struct Grid {
    /// How values become steps.
    struct Scale {
        let low: Double
        let stepsPerUnit: Double
        let steps: Int

        static let milliseconds = Scale(low: 0, stepsPerUnit: 1, steps: 400)
        static let scores = Scale(low: -5, stepsPerUnit: 50, steps: 512)
    }

    let scale: Scale
    private(set) var counts: [Int]
    private(set) var total = 0

    init(_ scale: Scale) {
        self.scale = scale
        counts = [Int](repeating: 0, count: scale.steps)
    }

    mutating func add(_ values: [Double]) {
        for value in values {
            let step = Int((value - scale.low) * scale.stepsPerUnit)
            counts[min(scale.steps - 1, max(0, step))] += 1
        }
        total += values.count
    }

    /// The value that the part `part` does not exceed, to a step.
    func quantile(_ part: Double) -> Double {
        var under = 0
        for (step, count) in counts.enumerated() {
            under += count
            if Double(under) >= part * Double(total) {
                return scale.low + Double(step) / scale.stepsPerUnit
            }
        }
        return .infinity
    }

    /// The largest difference of the two distribution functions: Kolmogorov-Smirnov.
    func distance(from other: Grid) -> Double {
        guard total > 0, other.total > 0 else { return 0 }
        var (mine, theirs, largest) = (0, 0, 0.0)
        for step in counts.indices {
            mine += counts[step]
            theirs += other.counts[step]
            let difference =
                Double(mine) / Double(total) - Double(theirs) / Double(other.total)
            largest = max(largest, abs(difference))
        }
        return largest
    }

    /// The standard score of Mann and Whitney's U with ties: above 0 where these are larger.
    func rankScore(against other: Grid) -> Double {
        let (m, n) = (Double(total), Double(other.total))
        guard m > 0, n > 0 else { return 0 }
        var (wins, ties, below) = (0.0, 0.0, 0.0)
        for step in counts.indices where counts[step] + other.counts[step] > 0 {
            let (mine, theirs) = (Double(counts[step]), Double(other.counts[step]))
            wins += mine * (below + theirs / 2)
            below += theirs
            let both = mine + theirs
            ties += both * both * both - both
        }
        let all = m + n
        let variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)))
        return variance > 0 ? (wins - m * n / 2) / variance.squareRoot() : 0
    }
}
