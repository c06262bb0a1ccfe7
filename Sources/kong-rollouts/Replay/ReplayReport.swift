import JSONText
import Judgement
import Rollouts

/// Shows how a verdict came about: a line for each stretch of the recording.
struct ReplayReport {
    let asJSON: Bool

    func begin() {
        guard !asJSON else { return }
        print("      time  verdict        stable  failed   canary  failed  hidden  strongest check")
    }

    /// One line of the way there.
    func show(_ assessment: Assessment, at elapsed: Int64) {
        asJSON ? json(assessment, elapsed, isFinal: false) : row(assessment, elapsed)
    }

    /// The last line.
    func end(_ assessment: Assessment, at elapsed: Int64, by alarm: Alarm?, skipped: String) {
        if asJSON { return json(assessment, elapsed, isFinal: true, alarm: alarm) }
        if !skipped.isEmpty { print(skipped) }
        let verdict = alarm == nil ? assessment.verdict : .unhealthy
        var text = "verdict: \(verdict.rawValue)"
        if let alarm {
            let attempts = assessment.rollout.canary.attempts
            text += " by \(alarm.check) after \(attempts) canary attempts, "
            text += "\(Self.seconds(elapsed)) s: \(Self.sentence(alarm))"
        } else if verdict == .inconclusive {
            text += Self.reasons(assessment)
        }
        print(text)
    }

    private func row(_ assessment: Assessment, _ elapsed: Int64) {
        let stable = assessment.rollout.stable
        let canary = assessment.rollout.canary
        print(
            Self.right(Self.seconds(elapsed) + " s", 10),
            Self.left(assessment.verdict.rawValue, 13),
            Self.right("\(stable.attempts)", 7), Self.right("\(stable.failures)", 7),
            Self.right("\(canary.attempts)", 8), Self.right("\(canary.failures)", 7),
            Self.right("\(canary.hiddenFailures)", 7),
            Self.strongest(assessment), separator: " ")
    }

    /// The check whose evidence is nearest to what it needs.
    private static func strongest(_ assessment: Assessment) -> String {
        let nearest = assessment.checks
            .compactMap { check in check.comparison.map { (check, $0) } }
            .max { $0.1.evidence / $0.1.evidenceNeeded < $1.1.evidence / $1.1.evidenceNeeded }
        guard let (check, comparison) = nearest else { return "" }
        return "\(check.label) E \(rounded(comparison.evidence)) of \(rounded(comparison.evidenceNeeded))"
    }

    private static func reasons(_ assessment: Assessment) -> String {
        var text = ""
        if let missing = assessment.missingRequests, missing > 0 {
            text += ", \(missing) canary requests are missing"
            if let seconds = assessment.missingSeconds { text += " (\(seconds) s at this rate)" }
        }
        let words = assessment.obstacles.map(\.rawValue)
        return text + (words.isEmpty ? "" : " (\(words.joined(separator: ", ")))")
    }

    private func json(
        _ assessment: Assessment, _ elapsed: Int64, isFinal: Bool, alarm: Alarm? = nil
    ) {
        var writer = JSONWriter(capacity: 600)
        writer.beginObject()
        writer.key("elapsed_ms")
        writer.value(Int(elapsed))
        writer.key("verdict")
        writer.value((alarm == nil ? assessment.verdict : .unhealthy).rawValue)
        writer.key("final")
        writer.value(isFinal)
        for (name, counts) in [
            ("stable", assessment.rollout.stable), ("canary", assessment.rollout.canary),
        ] {
            writer.key(name)
            writer.beginObject()
            writer.key("attempts")
            writer.value(counts.attempts)
            writer.key("failures")
            writer.value(counts.failures)
            writer.key("hidden_failures")
            writer.value(counts.hiddenFailures)
            writer.endObject()
        }
        writer.key("checks")
        writer.beginArray()
        for check in assessment.checks {
            writer.beginObject()
            writer.key("check")
            writer.value(check.label)
            writer.key("status")
            writer.value(check.status.rawValue)
            writer.key("e_value")
            if let e = check.comparison?.evidence { writer.value(e) } else { writer.null() }
            writer.key("needed")
            if let needed = check.comparison?.evidenceNeeded { writer.value(needed) } else { writer.null() }
            writer.endObject()
        }
        writer.endArray()
        if isFinal {
            writer.key("check")
            writer.value(alarm?.check)
            writer.key("message")
            writer.value(alarm.map(Self.sentence))
            writer.key("missing_requests")
            writer.value(assessment.missingRequests)
        }
        writer.endObject()
        print(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Times of a recording count from its beginning.
    private static func sentence(_ alarm: Alarm) -> String {
        let from = seconds(alarm.from.milliseconds)
        return alarm.sentence(period: "from \(from) s to \(seconds(alarm.to.milliseconds)) s")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func rounded(_ value: Double) -> String {
        value.isFinite && value.magnitude < 1e9
            ? "\((value * 10).rounded() / 10)" : "\(value)"
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
