import API
import Judgement
import Rollouts
import TrafficIntake

/// What the interface shows of a rollout's traffic.
extension JudgedTraffic {
    func assessment(of name: RolloutName, at now: Timestamp) -> Assessment? {
        intake.assessment(of: name, at: now)
    }

    func counts(of name: RolloutName) -> TelemetryCounts? {
        intake.counts(of: name).map { counts in
            TelemetryCounts(
                batches: counts.batches, records: counts.records, duplicates: counts.duplicates,
                malformed: counts.malformed, foreign: counts.foreign)
        }
    }
}
