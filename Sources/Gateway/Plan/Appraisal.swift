internal import Rollouts

/// What looking at Kong before the first write says: what the rollout would stand on, and what
/// speaks against it.
struct Appraisal: Hashable, Sendable {
    struct Fault: Hashable, Sendable {
        let pointer: String
        let detail: String
    }

    var footing: Footing
    /// What a person must change in the request.
    var fault: Fault?
    /// What consent cannot help.
    var never: [Cause.Difference] = []
    /// What needs `adopt`.
    var needed: [Cause.Difference] = []
    /// What is accepted and worth knowing.
    var remarks: [String] = []

    /// Why this rollout may not write; nil: it may.
    func cause(adopt: Bool, at now: Timestamp) -> Cause? {
        if let fault {
            return Cause(
                by: "kong", reason: .neverAdoptable, message: "\(fault.pointer): \(fault.detail)",
                at: now)
        }
        if !never.isEmpty {
            return Cause(
                by: "kong", reason: .neverAdoptable,
                message: "What is in Kong cannot be used, with or without adopt: "
                    + Self.text(never) + ". Change it there, or name other entities.",
                at: now, evidence: never + needed)
        }
        guard !needed.isEmpty, !adopt else { return nil }
        return Cause(
            by: "kong", reason: .needsAdoption,
            message: "Kong differs from what the rollout needs, and what is there is not ours: "
                + Self.text(needed) + ". `\"adopt\": true` lets it be changed.",
            at: now, evidence: needed)
    }

    private static func text(_ differences: [Cause.Difference]) -> String {
        differences.prefix(5).map {
            "\($0.entity) \($0.field) is \($0.present ?? "absent"), wanted \($0.wanted ?? "absent")"
        }.joined(separator: "; ")
            + (differences.count > 5 ? " and \(differences.count - 5) more" : "")
    }
}

extension RolloutPlan {
    /// Pure: the plan, what is there, and where the proxy is reached by configuration.
    func appraised(in found: Surroundings, proxy: String?) -> Appraisal {
        var appraisal = Appraisal(footing: footing(in: found, proxy: proxy))
        appraisal.fault = fault(in: found, appraisal.footing)
        judgeService(found, &appraisal)
        judgeRoute(found, &appraisal)
        judgeUpstream(found, &appraisal)
        judgeTargets(found, &appraisal)
        judgeManagers(found, &appraisal)
        judgePlugins(found, &appraisal)
        return appraisal
    }

    private func footing(in found: Surroundings, proxy: String?) -> Footing {
        let canaries = Set(canary.targets)
        let addresses = found.targets.filter { $0.weight > 0 }
            .compactMap { TargetAddress($0.address) }.filter { !canaries.contains($0) }.sorted()
        let isDirect = found.service.map { $0.host != found.upstreamName } ?? false
        var direct: [TargetAddress] = []
        if isDirect, found.upstream == nil, let service = found.service {
            direct =
                found.otherUpstream == nil
                ? [TargetAddress("\(service.host):\(service.port)")].compactMap { $0 }
                : found.otherTargets.filter { $0.weight > 0 }
                    .compactMap { TargetAddress($0.address) }
        }
        let stable = stableTargets ?? (found.upstream == nil ? direct : addresses)
        return Footing(
            service: entity(
                found.service?.name ?? service.name ?? name.description, found.service?.id,
                found.service?.tags),
            upstream: entity(found.upstreamName, found.upstream?.id, found.upstream?.tags),
            route: entity(
                found.route?.name ?? route.name ?? name.description, found.route?.id,
                found.route?.tags),
            stableTargets: stable.filter { !canaries.contains($0) },
            baseline: found.targets.compactMap { row in
                TargetAddress(row.address).map {
                    Footing.BaselineTarget(
                        address: $0, id: row.id, weight: row.weight, tags: row.tags)
                }
            },
            reach: found.service.flatMap { service in
                isDirect ? .direct(host: service.host, port: service.port) : nil
            } ?? .throughUpstream,
            serviceHost: found.service.flatMap { Ownership.isOurs($0.tags) ? nil : $0.host },
            url: (proxy ?? "") + (route.paths ?? found.route?.paths ?? ["/"]).clientPath)
    }

    private func entity(_ name: String, _ id: String?, _ tags: [String]?) -> Footing.Entity {
        Footing.Entity(name: name, id: id, isOurs: tags.map(Ownership.isOurs) ?? true)
    }

    private func fault(in found: Surroundings, _ footing: Footing) -> Appraisal.Fault? {
        guard found.facts.takesWrites else {
            return .init(
                pointer: "/gateway",
                detail: "this gateway runs without a database or as a data plane, so weights "
                    + "cannot be written to it; name one with a database")
        }
        guard found.route != nil || route.paths != nil || route.hosts != nil else {
            return .init(
                pointer: "/route",
                detail: "there is no route \(footing.route.name) in Kong; give paths or hosts to "
                    + "make one")
        }
        if let hashOn = found.upstream?.hashOn, hashOn != "none", !sticky {
            return .init(
                pointer: "/sticky",
                detail: "upstream \(found.upstreamName) hashes on \(hashOn), which holds no exact "
                    + "share; set sticky to accept approximate ones")
        }
        guard !footing.stableTargets.isEmpty else {
            return .init(
                pointer: "/stable",
                detail: "no stable target was found in Kong beside the canary's; name "
                    + "stable.targets")
        }
        return unreachableStep(in: found, footing)
    }

    private func unreachableStep(in found: Surroundings, _ footing: Footing) -> Appraisal.Fault? {
        let sides = VersionSides(plan: self, footing: footing)
        let targets = sides.weighed(found.targets, live: found.live, all: true)
        let shares = steps.all.map(\.share)
        for (index, share) in shares.enumerated() {
            do throws(WeightPlanError) {
                _ = try plannedWeights(for: share, among: targets, alongside: shares)
            } catch {
                return .init(
                    pointer: "/steps/\(index)/percent",
                    detail: "\(share) % cannot be reached with these targets; \(error.hint)")
            }
        }
        return nil
    }
}

extension [String] {
    /// The first path as a client would call it; that of a regular expression up to its first sign.
    fileprivate var clientPath: String {
        guard let path = first else { return "/" }
        guard path.hasPrefix("~") else { return path }
        let plain = path.dropFirst().prefix { $0.isLetter || $0.isNumber || "/-_.".contains($0) }
        return plain.hasPrefix("/") ? String(plain) : "/"
    }
}

extension WeightPlanError {
    /// What to do instead.
    var hint: String {
        switch self {
        case .notReachable(let below, let above):
            switch (below, above) {
            case (let below?, let above?): "the nearest are \(below) % and \(above) %"
            case (let only?, nil), (nil, let only?): "the nearest is \(only) %"
            case (nil, nil): "only 0 and 100 % can be"
            }
        case .noStableTarget: "there is no stable target"
        case .noCanaryTarget: "there is no canary target"
        }
    }
}
