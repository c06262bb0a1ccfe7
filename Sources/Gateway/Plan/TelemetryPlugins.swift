internal import Rollouts

/// What the plugins of one rollout shall be: a log that posts here, and the function beside it.
struct TelemetryPlugins: Hashable, Sendable {
    /// What configuration and Kong's version say about it.
    struct Terms: Hashable, Sendable {
        let settings: TelemetrySettings
        let hasLogQueue: Bool

        init?(_ settings: TelemetrySettings?, on facts: NodeFacts) {
            guard let settings else { return nil }
            self.settings = settings
            hasLogQueue = facts.hasLogQueue
        }
    }

    /// What shall be there of it.
    enum Aim: Hashable, Sendable {
        /// Nothing of ours ever was, or it stays as it is.
        case untouched
        case absent
        case attached(TelemetryPlugins)
    }

    static let logName = "http-log"
    /// What stands for the secret where people read.
    static let hiddenSecret = "***"

    let log: LogColumns
    let carrier: Footing.Telemetry.Carrier
    let function: SlimFunction

    /// Function first: what is logged before it runs would be whole.
    var wanted: [(name: String, columns: PluginColumns)] {
        [(carrier.rawValue, .function(function.phases)), (Self.logName, .log(log))]
    }

    static func aim(for rollout: Rollout, on footing: Footing, _ terms: Terms?) -> Aim {
        guard let telemetry = footing.telemetry else { return .untouched }
        switch rollout.phase {
        case .aborting, .promoted, .aborted: return .untouched
        case .pending, .shifting, .holding, .paused, .promoting: break
        }
        let policy = rollout.plan.analysis
        guard policy.isEnabled, let terms, let secret = rollout.telemetrySecret else {
            return .absent
        }
        let settings = terms.settings
        let delay = settings.batchDelay / .seconds(1)
        // Kong knows an endpoint's queue by its path, so every rollout has a path of its own.
        let endpoint = "\(settings.publicURL)/v1/telemetry/kong/\(rollout.name)/\(secret)"
        return .attached(
            TelemetryPlugins(
                log: LogColumns(
                    endpoint: endpoint, timeout: 2_000,
                    customFields: telemetry.forwards.first?.customFields ?? [:],
                    queue: terms.hasLogQueue
                        ? .batches(.init(size: settings.batchSize, delay: delay))
                        : .flushes(size: settings.batchSize, delay: delay, retries: 10)),
                carrier: telemetry.carrier,
                function: SlimFunction(cut: telemetry.cut, score: policy.score)))
    }
}

extension LogColumns {
    /// For people: where, but not the secret at the end of the path.
    var hidingSecret: LogColumns {
        var shown = self
        if let slash = endpoint.lastIndex(of: "/") {
            shown.endpoint = endpoint[...slash] + TelemetryPlugins.hiddenSecret
        }
        return shown
    }

    /// Scheme, host and port: the rest may be secret.
    var origin: String {
        let parts = endpoint.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count > 2, let host = parts[2].split(separator: "@").last else {
            return "an address"
        }
        return "\(parts[0])//\(host.prefix { $0 != "?" && $0 != "#" })"
    }
}

extension PluginRow {
    /// Whether we made it: by its tag, or by what it does where somebody took the tag away.
    var isOurs: Bool {
        if Ownership.isOurs(tags) { return true }
        switch columns {
        case .log(let log): return log.endpoint.contains("/v1/telemetry/kong/")
        case .function(let phases): return SlimFunction.wrote(phases)
        case .other: return false
        }
    }

    /// Whether it is for every request of a route, and of that route alone.
    func isOf(_ route: String) -> Bool { routeID == route && serviceID == nil && consumerID == nil }
}
