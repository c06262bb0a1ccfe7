internal import Rollouts

// What is found in Kong, row by row: what needs consent, what consent cannot help, what is merely
// told.
extension RolloutPlan {
    func judgeService(_ found: Surroundings, _ appraisal: inout Appraisal) {
        if found.upstream == nil {
            for service in found.services where service.host == found.upstreamName {
                appraisal.never.append(
                    .init(
                        entity: "services/\(service.name ?? service.id)", field: "host",
                        present: service.host,
                        wanted: "another name for the new upstream, which would capture it"))
            }
        }
        guard let service = found.service else { return }
        let entity = "services/\(service.name ?? service.id)"
        if !service.isEnabled {
            appraisal.never.append(
                .init(entity: entity, field: "enabled", present: "false", wanted: "true"))
        }
        if !["http", "https"].contains(service.scheme) {
            appraisal.never.append(
                .init(
                    entity: entity, field: "protocol", present: service.scheme,
                    wanted: "http or https"))
        }
        let isOurs = Ownership.isOurs(service.tags)
        if service.host != found.upstreamName {
            let difference = Cause.Difference(
                entity: entity, field: "host", present: service.host, wanted: found.upstreamName)
            let stable = Set(appraisal.footing.stableTargets.map(\.description))
            let isStables = found.otherTargets.allSatisfy {
                $0.weight == 0 || stable.contains($0.address)
            }
            if isStables {
                appraisal.needed.append(difference)
            } else {
                appraisal.never.append(difference)
            }
        }
        var differences: [Cause.Difference] = []
        func compare(_ field: String, _ present: String?, _ wanted: String?) {
            guard let wanted, wanted != present else { return }
            differences.append(
                .init(entity: entity, field: field, present: present, wanted: wanted))
        }
        compare("protocol", service.scheme, self.service.scheme)
        compare("path", service.path, self.service.path)
        compare("retries", String(service.retries), self.service.retries.map(String.init))
        if !isOurs { appraisal.needed += differences }
        let others = found.services.filter {
            $0.host == found.upstreamName && $0.id != service.id
        }
        if found.upstream != nil, !others.isEmpty {
            appraisal.remarks.append(
                "these services reach the upstream too and move with it: "
                    + others.map { $0.name ?? $0.id }.joined(separator: ", "))
        }
    }

    func judgeRoute(_ found: Surroundings, _ appraisal: inout Appraisal) {
        judgeRivals(found, &appraisal)
        guard let route = found.route else { return }
        let entity = "routes/\(route.name ?? route.id)"
        let isWeb = route.protocols.contains { ["http", "https"].contains($0) }
        if !isWeb {
            appraisal.never.append(
                .init(
                    entity: entity, field: "protocols",
                    present: route.protocols.joined(separator: ","), wanted: "http or https"))
        }
        var differences: [Cause.Difference] = []
        if route.serviceID != found.service?.id || found.service == nil {
            differences.append(
                .init(
                    entity: entity, field: "service", present: route.serviceID,
                    wanted: appraisal.footing.service.name))
        }
        func compare(_ field: String, _ present: [String]?, _ wanted: [String]?) {
            guard let wanted, Set(wanted) != Set(present ?? []) else { return }
            differences.append(
                .init(
                    entity: entity, field: field, present: present?.joined(separator: ","),
                    wanted: wanted.joined(separator: ",")))
        }
        compare("paths", route.paths, self.route.paths)
        compare("methods", route.methods, self.route.methods)
        compare("hosts", route.hosts, self.route.hosts)
        compare("protocols", route.protocols, self.route.protocols)
        if let strip = self.route.stripPath, strip != route.stripPath {
            differences.append(
                .init(
                    entity: entity, field: "strip_path", present: "\(route.stripPath)",
                    wanted: "\(strip)"))
        }
        if !Ownership.isOurs(route.tags) { appraisal.needed += differences }
    }

    /// Routes other than the named one that catch the same requests or lead to the same service.
    private func judgeRivals(_ found: Surroundings, _ appraisal: inout Appraisal) {
        let others = found.routes.filter { $0.id != found.route?.id }
        if found.route == nil {
            for other in others where catchesTheSame(other) {
                appraisal.needed.append(
                    .init(
                        entity: "routes/\(other.name ?? other.id)", field: "paths",
                        present: (other.paths ?? other.hosts ?? []).joined(separator: ","),
                        wanted: "no second route with the same matchers; name it in route.name"))
            }
        }
        let beside = others.filter { $0.serviceID != nil && $0.serviceID == found.service?.id }
        if !beside.isEmpty {
            appraisal.remarks.append(
                "these routes lead to the service too and move with it: "
                    + beside.map { $0.name ?? $0.id }.joined(separator: ", "))
        }
    }

    private func catchesTheSame(_ other: RouteRow) -> Bool {
        Set(other.paths ?? []) == Set(route.paths ?? [])
            && Set(other.hosts ?? []) == Set(route.hosts ?? [])
            && Set(other.methods ?? []) == Set(route.methods ?? []) && !other.isNarrowed
    }

    func judgeUpstream(_ found: Surroundings, _ appraisal: inout Appraisal) {
        guard let upstream = found.upstream else { return }
        let holdsShares = ["round-robin", "consistent-hashing"].contains(upstream.algorithm)
        if !holdsShares {
            appraisal.needed.append(
                .init(
                    entity: "upstreams/\(upstream.name)", field: "algorithm",
                    present: upstream.algorithm, wanted: "round-robin"))
        }
        guard case .direct(let host, _) = appraisal.footing.reach, found.otherUpstream == nil,
            let present = upstream.hostHeader, present != host
        else { return }
        appraisal.needed.append(
            .init(
                entity: "upstreams/\(upstream.name)", field: "host_header", present: present,
                wanted: host))
    }

    func judgeTargets(_ found: Surroundings, _ appraisal: inout Appraisal) {
        guard found.upstream != nil else { return }
        let sides = VersionSides(plan: self, footing: appraisal.footing)
        func entity(_ address: String) -> String {
            "upstreams/\(found.upstreamName)/targets/\(address)"
        }
        for row in found.targets where row.weight > 0 && sides.side(of: row.address) == nil {
            appraisal.needed.append(
                .init(
                    entity: entity(row.address), field: "weight", present: "\(row.weight)",
                    wanted: "0, or listed in stable.targets"))
        }
        let rows = Dictionary(
            found.targets.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = sides.stable.filter { rows[$0] == nil }
        if found.upstream.map({ !Ownership.isOurs($0.tags) }) ?? false {
            appraisal.needed += missing.map {
                .init(entity: entity($0), field: "target", present: nil, wanted: "stable")
            }
        }
        let isIdle = sides.stable.allSatisfy { rows[$0]?.weight == 0 }
        if missing.isEmpty, isIdle {
            appraisal.never += sides.stable.map {
                .init(entity: entity($0), field: "weight", present: "0", wanted: "above 0")
            }
        }
        judgeExposure(found, sides, &appraisal, entity)
    }

    /// A canary that already gets more than the first step asks for.
    private func judgeExposure(
        _ found: Surroundings, _ sides: VersionSides, _ appraisal: inout Appraisal,
        _ entity: (String) -> String
    ) {
        let targets = sides.weighed(found.targets, live: found.live)
        let isReached = found.service.map { $0.host == found.upstreamName } ?? false
        guard isReached, let present = share(of: targets),
            present > ExactShare(steps[0].share)
        else { return }
        for target in targets where target.side == .canary && target.weight > 0 {
            appraisal.needed.append(
                .init(
                    entity: entity(target.address), field: "weight", present: "\(target.weight)",
                    wanted: "0 before the first step"))
        }
    }

    func judgeManagers(_ found: Surroundings, _ appraisal: inout Appraisal) {
        var tagged: [(String, [String])] = []
        if let service = found.service {
            tagged.append(("services/\(service.name ?? service.id)", service.tags))
        }
        if let upstream = found.upstream {
            tagged.append(("upstreams/\(upstream.name)", upstream.tags))
            tagged += found.targets.map {
                ("upstreams/\(upstream.name)/targets/\($0.address)", $0.tags)
            }
        }
        if let route = found.route {
            tagged.append(("routes/\(route.name ?? route.id)", route.tags))
        }
        for (entity, tags) in tagged {
            let managers = Ownership.managers(in: tags)
            guard !managers.isEmpty else { continue }
            appraisal.needed.append(
                .init(
                    entity: entity, field: "tags", present: managers.joined(separator: ","),
                    wanted: "nobody else to manage it"))
        }
    }

    func judgePlugins(_ found: Surroundings, _ appraisal: inout Appraisal) {
        guard let plugins = found.plugins else { return }
        let finding = TelemetryFinding(
            of: plugins, route: found.route?.id, service: found.service?.id)
        appraisal.footing = appraisal.footing.telling(through: finding.telemetry)
        appraisal.never += finding.never
        appraisal.needed += finding.needed
        appraisal.remarks += finding.remarks
    }
}
