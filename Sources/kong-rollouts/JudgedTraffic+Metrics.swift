import Judgement
import Observability
import Rollouts
import TrafficIntake

extension JudgedTraffic {
    /// What the traffic of `states` showed, as metrics; newest rollouts first.
    func metrics(of states: [RolloutState]) -> String {
        let present = now()
        let judged = states.lazy
            .filter { !$0.rollout.phase.isEnded && $0.rollout.plan.analysis.isEnabled }
            .compactMap { self.figures(of: $0.rollout.name, at: present) }
            .prefix(TrafficGauges.namedLimit)
        let counts = intake.counts
        return TrafficGauges.text(
            Array(judged),
            counts: [
                ("counted", counts.records), ("duplicate", counts.duplicates),
                ("malformed", counts.malformed), ("foreign", counts.foreign),
            ])
    }

    private func figures(of name: RolloutName, at present: Timestamp) -> TrafficFigures? {
        guard let assessment = intake.assessment(of: name, at: present) else { return nil }
        func version(_ role: String, _ tally: VersionTally) -> TrafficFigures.Version {
            TrafficFigures.Version(
                role: role, attempts: tally.attempts, failures: tally.failures,
                hiddenFailures: tally.hiddenFailures)
        }
        return TrafficFigures(
            rollout: name.description, verdict: assessment.verdict.rawValue,
            versions: [
                version("stable", assessment.rollout.stable),
                version("canary", assessment.rollout.canary),
            ],
            evidence: assessment.checks.compactMap { check in
                check.comparison.map {
                    TrafficFigures.Evidence(
                        check: check.label, value: $0.evidence, needed: $0.evidenceNeeded)
                }
            },
            observed: intake.observed(name, at: present)?.share)
    }
}
