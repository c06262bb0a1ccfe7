/// Rule 4: with stable's weights left as they are, the canary's multiplier for a share.
///
/// The canary's weights are `ratio × multiplier`, stable's `ratio × stableMultiplier`; neither
/// ratio has a common divisor, so the balancer's wheel is the sum of all effective weights divided
/// by the greatest common divisor of the two multipliers.
struct CanaryMultiplier {
    /// How far the achieved share may be from the one asked: 0.05 percentage points.
    static let tolerance = 5
    /// Kong makes one slot a unit of weight in every worker and has no limit of its own.
    static let longestWheel = 10_000

    /// On which side of the share asked the achieved one lies.
    enum Rounding: CaseIterable {
        /// At most what was asked: always tried first.
        case down
        /// Above it by at most the tolerance, only where no scale of stable's comes near from
        /// below.
        case up
    }

    let stable: WeightRatio
    let canary: WeightRatio
    /// 1...9999
    let basisPoints: Int
    let rounding: Rounding

    /// The multiplier nearest to the exact share whose wheel is short enough, `nil` if none is.
    func nearest(to stableMultiplier: Int) -> Int? {
        let stableWeight = stableMultiplier * stable.unit
        let range = multipliers(for: stableWeight)
        guard range.lowest <= range.highest else { return nil }
        var best: Int?
        for divisor in divisors(of: stableMultiplier)
        where divisor * Self.longestWheel > stableWeight {
            let fitting = (divisor * Self.longestWheel - stableWeight) / canary.unit
            let highest = min(range.highest, fitting)
            switch rounding {
            case .down:
                let candidate = highest / divisor * divisor
                if candidate >= range.lowest { best = max(best ?? candidate, candidate) }
            case .up:
                let candidate = (range.lowest + divisor - 1) / divisor * divisor
                if candidate <= highest { best = min(best ?? candidate, candidate) }
            }
        }
        return best
    }

    /// The pair of multipliers with the fewest units of canary that gives the share at all, with
    /// stable free to move; at most 10000 tries, one comparison each.
    var shortestWheel: (stable: Int, canary: Int)? {
        let share = (taken: basisPoints, left: 10_000 - basisPoints)
        var multiplier = 1
        while multiplier <= canary.largestMultiplier {
            let weight = multiplier * canary.unit
            let (wanted, parts) = (weight * share.left, share.taken * stable.unit)
            let exact = rounding == .down ? (wanted + parts - 1) / parts : wanted / parts
            let fewest = max(exact, 1)
            guard weight + fewest * stable.unit <= Self.longestWheel else { return nil }
            if fewest <= stable.largestMultiplier, isGood(multiplier, with: fewest) {
                return (fewest, multiplier)
            }
            multiplier += 1
        }
        return nil
    }

    /// Whether these multipliers already give the share (rule 3).
    func isGood(_ multiplier: Int, with stableMultiplier: Int) -> Bool {
        let stableWeight = stableMultiplier * stable.unit
        let range = multipliers(for: stableWeight)
        let wheel =
            (stableWeight + multiplier * canary.unit)
            / greatestCommonDivisor(stableMultiplier, multiplier)
        return multiplier >= range.lowest && multiplier <= range.highest
            && wheel <= Self.longestWheel
    }

    func isExact(_ multiplier: Int, with stableMultiplier: Int) -> Bool {
        multiplier * canary.unit * (10_000 - basisPoints)
            == stableMultiplier * stable.unit * basisPoints
    }

    /// `S·lo / ((1 − lo)·n)` up to `S·hi / ((1 − hi)·n)`, where `hi` is the share asked when
    /// rounding down and `lo` when rounding up. Never 0.
    private func multipliers(for stableWeight: Int) -> (lowest: Int, highest: Int) {
        let ceiling = canary.largestMultiplier
        switch rounding {
        case .down:
            let low = max(basisPoints - Self.tolerance, 0)
            let (weight, parts) = (stableWeight * low, (10_000 - low) * canary.unit)
            let highest = stableWeight * basisPoints / ((10_000 - basisPoints) * canary.unit)
            return (max((weight + parts - 1) / parts, 1), min(highest, ceiling))
        case .up:
            let high = basisPoints + Self.tolerance
            let parts = (10_000 - basisPoints) * canary.unit
            let lowest = max((stableWeight * basisPoints + parts - 1) / parts, 1)
            guard high < 10_000 else { return (lowest, ceiling) }
            return (lowest, min(stableWeight * high / ((10_000 - high) * canary.unit), ceiling))
        }
    }

    private func divisors(of number: Int) -> [Int] {
        var found: [Int] = []
        var candidate = 1
        while candidate * candidate <= number {
            if number.isMultiple(of: candidate) {
                found.append(candidate)
                if candidate * candidate != number { found.append(number / candidate) }
            }
            candidate += 1
        }
        return found
    }
}
