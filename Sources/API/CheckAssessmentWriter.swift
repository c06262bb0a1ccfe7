import JSONText
import Judgement
import RolloutJSON
import Rollouts

/// Writes one check with its figures.
enum CheckAssessmentWriter {
    static func write(_ check: CheckAssessment, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("check")
        writer.value(check.label)
        writer.key("metric")
        writer.value(check.metric.rawValue)
        writer.key("unit")
        writer.value(unit(of: check.metric))
        writer.key("status")
        writer.value(check.status.rawValue)
        writer.key("reason")
        writer.value(check.reason?.rawValue)
        writer.key("alpha")
        writer.value(check.alpha)
        writer.key("comparison")
        write(check.comparison, into: &writer)
        writer.key("limit")
        write(check.limit, into: &writer)
        writer.key("stable")
        write(check.stable, into: &writer)
        writer.key("canary")
        write(check.canary, into: &writer)
        writer.key("stable_total")
        write(check.stableOverall, into: &writer)
        writer.key("canary_total")
        write(check.canaryOverall, into: &writer)
        writer.key("distances")
        write(check.distances, into: &writer)
        writer.key("unpaired_values")
        writer.value(check.waiting)
        writer.key("displaced_values")
        writer.value(check.displaced)
        writer.key("alarm")
        writer.value(check.alarm)
        writer.endObject()
    }

    /// What the figures of a metric are given in.
    private static func unit(of metric: Check.Metric) -> String {
        switch metric {
        case .errorRate, .share: "fraction"
        case .latency: "ms"
        case .scoreDrift: "distance"
        case .measurement, .prometheus: "own"
        }
    }

    private static func write(
        _ comparison: CheckAssessment.Comparison?, into writer: inout JSONWriter
    ) {
        guard let comparison else { return writer.null() }
        writer.beginObject()
        writer.key("limit")
        writer.value(comparison.name)
        writer.key("allowed")
        writer.value(comparison.allowed)
        writer.key("e_value")
        writer.value(comparison.evidence)
        writer.key("needed")
        writer.value(comparison.evidenceNeeded)
        writer.key("alpha")
        writer.value(comparison.alpha)
        writer.key("period")
        if let period = comparison.period {
            writer.beginObject()
            writer.key("from")
            writer.value(period.from)
            writer.key("canary_failures")
            writer.value(period.counts.canaryFailures)
            writer.key("canary_count")
            writer.value(period.counts.canaryTotal)
            writer.key("stable_failures")
            writer.value(period.counts.stableFailures)
            writer.key("stable_count")
            writer.value(period.counts.stableTotal)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
    }

    private static func write(
        _ limit: CheckAssessment.Limit?, into writer: inout JSONWriter
    ) {
        guard let limit else { return writer.null() }
        writer.beginObject()
        writer.key("limit")
        writer.value(limit.name)
        writer.key("allowed")
        writer.value(limit.allowed)
        writer.key("bound")
        writer.value(limit.bound)
        writer.key("bound_may_be")
        writer.value(limit.boundMayBe)
        writer.key("alpha")
        writer.value(limit.alpha)
        writer.endObject()
    }

    private static func write(
        _ figure: CheckAssessment.Figure?, into writer: inout JSONWriter
    ) {
        guard let figure else { return writer.null() }
        writer.beginObject()
        writer.key("value")
        writer.value(figure.value)
        writer.key("low")
        writer.value(figure.low)
        writer.key("high")
        writer.value(figure.high)
        writer.key("count")
        writer.value(figure.count)
        writer.endObject()
    }

    private static func write(_ distances: ScoreDistances?, into writer: inout JSONWriter) {
        guard let distances else { return writer.null() }
        writer.beginObject()
        writer.key("kolmogorov_smirnov")
        writer.value(distances.kolmogorovSmirnov)
        writer.key("kolmogorov_smirnov_uncertainty")
        writer.value(distances.uncertainty)
        writer.key("population_stability_index")
        writer.value(distances.stabilityIndex)
        writer.key("jensen_shannon_bits")
        writer.value(distances.jensenShannon)
        writer.endObject()
    }
}
