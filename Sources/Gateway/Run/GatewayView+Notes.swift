internal import Rollouts

extension GatewayView {
    /// What was accepted as it was found.
    mutating func note(_ appraisal: Appraisal, at now: Timestamp) {
        let remarks =
            appraisal.remarks
            + appraisal.needed.map {
                "\($0.entity) \($0.field) was \($0.present ?? "absent")"
            }
        set(
            .adoptable, .good, appraisal.needed.isEmpty ? "Usable" : "Adopted",
            remarks.isEmpty
                ? "What is in Kong can be used by this rollout."
                : "Accepted: " + remarks.joined(separator: "; ") + ".", at: now)
    }

    /// What holds for every reading, unless something else was found before.
    mutating func noteUsual(_ upstream: UpstreamRow?, at now: Timestamp) {
        if condition(.gatewayInSync)?.reason == "Unreachable" { clear(.gatewayInSync) }
        if condition(.adoptable) == nil {
            set(
                .adoptable, .good, "Usable", "What is in Kong can be used by this rollout.",
                at: now)
        }
        if condition(.uncontested) == nil {
            set(
                .uncontested, .good, "Watched", "Nobody else changed what the rollout set.",
                at: now)
        }
        guard let upstream, upstream.hashOn != "none" else { return }
        set(
            .weightsExact, .unknown, "Hashing",
            "Upstream \(upstream.name) hashes, so shares between 0 and 100 % are approximate.",
            at: now)
        if ["cookie", "ip"].contains(upstream.hashOn) {
            set(.hashValuePresent, .good, "Always", "Every request has a value to hash.", at: now)
        } else {
            set(
                .hashValuePresent, .unknown, "NotMeasured",
                "Requests without the \(upstream.hashOn) that upstream \(upstream.name) hashes on "
                    + "all go to one version; make sure that clients send it.", at: now)
        }
    }
}
