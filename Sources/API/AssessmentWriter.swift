import JSONText
import Judgement
import RolloutJSON
import Rollouts

/// Writes what the traffic showed, with every number that a person needs to agree or to disagree.
///
/// Every member is always there; what is not known, or says nothing here, is null.
enum AssessmentWriter {
    /// One JSON object in one line.
    ///
    /// - Parameter assessment: nil: nothing is judged, not yet or not any more.
    static func bytes(
        of state: RolloutState, _ assessment: Assessment?, _ counts: TelemetryCounts?
    ) -> [UInt8] {
        let policy = state.rollout.plan.analysis
        let alarm = alarm(state, assessment)
        var writer = JSONWriter(capacity: 6000)
        writer.beginObject()
        writer.key("name")
        writer.value(state.rollout.name.description)
        writer.key("enabled")
        writer.value(policy.isEnabled)
        writer.key("verdict")
        let unjudged: Verdict = alarm == nil ? .inconclusive : .unhealthy
        writer.value((assessment?.verdict ?? unjudged).rawValue)
        writer.key("reasons")
        writer.value(reasons(policy, assessment, alarm))
        writer.key("missing_requests")
        writer.value(assessment.map(\.missingRequests) ?? nil)
        writer.key("missing_seconds")
        writer.value(assessment?.missingSeconds)
        writer.key("harm_excluded_above")
        writer.value(assessment?.harmExcludedAbove)
        writer.key("alarm")
        writer.value(alarm)
        writer.key("alpha")
        writer.value(assessment?.alpha ?? policy.alpha)
        writer.key("min_requests")
        writer.value(policy.minRequests)
        writer.key("require")
        writer.value(policy.requirement.rawValue)
        writer.key("last_batch_at")
        writer.value(assessment?.lastBlock)
        writer.key("telemetry")
        write(counts, into: &writer)
        writer.key("observed")
        writer.value(state.traffic?.observed)
        writer.key("step")
        if let assessment { write(assessment.step, into: &writer) } else { writer.null() }
        writer.key("total")
        if let assessment {
            writer.beginObject()
            members(of: assessment.rollout, into: &writer)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("checks")
        writer.beginArray()
        for check in assessment?.checks ?? [] {
            CheckAssessmentWriter.write(check, into: &writer)
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ counts: TelemetryCounts?, into writer: inout JSONWriter) {
        guard let counts else { return writer.null() }
        writer.beginObject()
        writer.key("batches")
        writer.value(counts.batches)
        writer.key("records")
        writer.value(counts.records)
        writer.key("duplicate_records")
        writer.value(counts.duplicates)
        writer.key("malformed_records")
        writer.value(counts.malformed)
        writer.key("foreign_attempts")
        writer.value(counts.foreign)
        writer.endObject()
    }

    /// The alarm that stands, or the one for which the rollout was stopped.
    private static func alarm(_ state: RolloutState, _ assessment: Assessment?) -> Alarm? {
        guard let assessment else { return state.rollout.phase.cause?.alarm }
        return assessment.checks.compactMap(\.alarm).min { $0.to < $1.to }
    }

    private static func reasons(
        _ policy: AnalysisPolicy, _ assessment: Assessment?, _ alarm: Alarm?
    ) -> [String] {
        if let assessment { return assessment.obstacles.map(\.rawValue) }
        if alarm != nil { return [] }
        return [policy.isEnabled ? Obstacle.nothingMeasured.rawValue : "disabled"]
    }

    private static func write(_ step: StepAssessment, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("number")
        writer.value(step.number)
        writer.key("percent")
        writer.measured(step.share)
        writer.key("since")
        writer.value(step.began)
        writer.key("canary_attempts_per_second")
        writer.value(step.canaryRate)
        members(of: step.tally, into: &writer)
        writer.endObject()
    }

    private static func members(of tally: Tally, into writer: inout JSONWriter) {
        writer.key("stable")
        write(tally.stable, into: &writer)
        writer.key("canary")
        write(tally.canary, into: &writer)
        writer.key("foreign_attempts")
        writer.value(tally.foreign)
    }

    private static func write(_ version: VersionTally, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("attempts")
        writer.value(version.attempts)
        writer.key("failures")
        writer.value(version.failures)
        writer.key("hidden_failures")
        writer.value(version.hiddenFailures)
        writer.key("error_rate")
        let attempts = version.attempts
        writer.value(attempts > 0 ? Double(version.failures) / Double(attempts) : nil)
        writer.key("first_tries")
        writer.value(version.firstTries)
        writer.key("answers")
        writer.value(version.latency.count)
        writer.key("latency_p50_ms")
        writer.value(version.latency.quantile(0.5))
        writer.key("latency_p95_ms")
        writer.value(version.latency.quantile(0.95))
        writer.key("latency_p99_ms")
        writer.value(version.latency.quantile(0.99))
        writer.endObject()
    }
}
