internal import Rollouts

// What a look at the nodes means for the people who read the conditions.
extension Follower {
    /// What Kong adds to the weights is told, never hidden: a target that health checks took out
    /// leaves its share to the others.
    func tellExactness(_ seen: Sighting, _ state: GatewayState) {
        let now = clock.timestamp()
        if !takenOut.isEmpty {
            let isAllStable = state.sides.stable.allSatisfy { takenOut.contains($0) }
            view.set(
                .weightsExact, .bad, isAllStable ? "StableUnhealthy" : "Unhealthy",
                "Kong's health checks took out \(takenOut.sorted().joined(separator: ", ")); "
                    + (isAllStable
                        ? "no stable target is left, so requests go to the canary or fail."
                        : "its share goes to the targets that are left."), at: now)
        } else if seen.upstream?.hashOn == "none" {
            view.set(
                .weightsExact, .good, "Exact",
                "The weights give the share asked for to 0.05 points.", at: now)
        }
    }

    /// Which addresses stand for each target, over all nodes: log records name these alone.
    func learn(_ resolved: [String: Set<String>], _ rollout: Rollout) {
        let addresses = resolved.mapValues { $0.sorted() }
        guard !addresses.isEmpty, sighting?.addresses != addresses else { return }
        sighting?.addresses = addresses
        if let seen = sighting, let footing = rollout.footing { note(seen, rollout, footing) }
    }

    func tell(_ kind: Condition.Kind, _ reason: String, _ message: String) {
        view.set(kind, .bad, reason, message, at: clock.timestamp())
    }

    func judgeNames(_ unresolved: Set<String>, _ state: GatewayState) {
        if unresolved.isEmpty {
            view.set(
                .targetsResolved, .good, "Resolved", "Kong finds every target.",
                at: clock.timestamp())
        } else {
            tell(
                .targetsResolved, "NotResolved",
                "Kong cannot resolve \(unresolved.sorted().joined(separator: ", ")); "
                    + "no further step is taken until its name server can.")
        }
    }
}
