internal import Rollouts

/// What Kong shall look like for a saved rollout. Total and pure: after a restart nothing else is
/// needed to put Kong right.
struct GatewayState: Hashable, Sendable {
    enum Goal: Hashable, Sendable {
        /// The canary at 0, stable at the scale from which all steps are reached.
        case registered
        case share(TrafficShare)
        /// The canary at 0, stable as it was before.
        case restored
    }

    /// What may be made that is not there.
    enum Making: Hashable, Sendable {
        /// Whatever is missing.
        case everything
        /// Nothing: what is missing was taken away by somebody.
        case nothing
        /// Only what keeps requests answered while the canary goes.
        case lifeline
    }

    let tags: [String]
    let upstreamName: String
    /// Nil: left as it is.
    let hostHeader: String?
    let serviceName: String
    let service: KongWrite.ServicePatch
    let routeName: String
    let route: KongWrite.RoutePatch
    let sides: VersionSides
    let shares: [TrafficShare]
    var goal: Goal
    let making: Making
    /// Whether what is there may be changed to what is asked, besides weights.
    let arranges: Bool
    /// Whether what the service names may be changed, and what the route leads to.
    let mayChangeService: Bool
    let mayChangeRoute: Bool
    let mayChangeUpstream: Bool
    /// Whether the service named something else when the rollout began.
    let isSwitching: Bool
    /// Whether the canary was taken out without a look, so that a stable target that turns out to
    /// be gone is made although the canary has nothing to lose any more.
    var owesStable = false
    /// What shall be there to tell of the traffic.
    let telemetry: TelemetryPlugins.Aim

    /// - Parameter terms: how records come here; nil: they cannot.
    static func desired(
        for rollout: Rollout, on footing: Footing, _ terms: TelemetryPlugins.Terms? = nil
    ) -> GatewayState {
        let plan = rollout.plan
        let (goal, making, arranges) = aims(of: rollout)
        var hostHeader: String?
        var isSwitching = false
        if case .direct(let host, _) = footing.reach {
            isSwitching = true
            hostHeader = host
        }
        return GatewayState(
            tags: Ownership.tags(for: plan.name), upstreamName: footing.upstream.name,
            hostHeader: hostHeader, serviceName: footing.service.name,
            service: .init(
                host: footing.upstream.name, scheme: plan.service.scheme, path: plan.service.path,
                retries: plan.service.retries),
            routeName: footing.route.name,
            route: .init(
                paths: plan.route.paths, methods: plan.route.methods,
                protocols: plan.route.protocols, hosts: plan.route.hosts,
                stripPath: plan.route.stripPath),
            sides: VersionSides(plan: plan, footing: footing),
            shares: plan.steps.all.map(\.share), goal: goal, making: making,
            arranges: arranges,
            mayChangeService: footing.service.isOurs || plan.adopt,
            mayChangeRoute: footing.route.isOurs || plan.adopt,
            mayChangeUpstream: footing.upstream.isOurs || plan.adopt, isSwitching: isSwitching,
            telemetry: TelemetryPlugins.aim(for: rollout, on: footing, terms))
    }

    private static func aims(of rollout: Rollout) -> (Goal, Making, Bool) {
        let asked = Goal.share(rollout.wantedShare)
        let afterwards: Making = rollout.plan.adopt ? .everything : .nothing
        switch rollout.phase {
        case .pending(let isRegistered):
            return (.registered, isRegistered ? afterwards : .everything, !isRegistered)
        case .shifting:
            return (asked, afterwards, true)
        case .holding:
            return (asked, afterwards, false)
        case .paused(let pause):
            switch pause.interrupted {
            case .pending(let isRegistered):
                return (.registered, isRegistered ? afterwards : .everything, !isRegistered)
            case .shifting, .holding:
                return (asked, afterwards, false)
            }
        case .promoting:
            return (asked, .everything, true)
        case .promoted:
            return (asked, .nothing, false)
        case .aborting, .aborted:
            return (.restored, .lifeline, false)
        }
    }
}
