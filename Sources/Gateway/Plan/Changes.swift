internal import Rollouts

/// The fewest writes, in order, that bring what was read to what is desired: upstream, targets,
/// weights, service, route. Nothing ever names an upstream that has no target above 0, and no
/// prefix gives the canary more than the larger of the share it has and the share asked.
///
/// While an entity has to be changed under traffic the canary is taken to 0 first and stays there;
/// the rest follows from the next reading.
func changes(
    from sighting: Sighting, to state: GatewayState
) throws(WeightPlanError) -> [Change] {
    var writer = ChangeWriter(sighting: sighting, state: state)
    try writer.write()
    return writer.changes
}

/// Gathers changes, keeping in mind what each would leave behind.
private struct ChangeWriter {
    var sighting: Sighting
    let state: GatewayState
    var changes: [Change] = []

    private var upstreamKey: String { sighting.upstream?.id ?? state.upstreamName }

    private mutating func add(
        _ write: KongWrite, _ why: String, weight: WeightWrite? = nil, confirmed: Bool = false
    ) {
        changes.append(
            Change(write: write, why: why, weight: weight, isAfterConfirmation: confirmed))
        sighting = sighting.after(write, id: "")
        // A modelled entity has no id; later writes name it by name.
        if sighting.upstream?.id == "" { sighting.upstream?.id = state.upstreamName }
        for index in sighting.targets.indices where sighting.targets[index].id == "" {
            sighting.targets[index].id = sighting.targets[index].address
        }
    }

    mutating func write() throws(WeightPlanError) {
        switch state.goal {
        case .restored:
            try restore()
        case .registered, .share:
            let upstream = upstreamPatch
            let moves = !upstream.isEmpty || changesService || changesRoute
            try makeUpstreamAndTargets()
            try weigh(moves ? quiet : state.goal)
            if !upstream.isEmpty, let id = sighting.upstream?.id {
                add(
                    .updateUpstream(id: id, upstream),
                    "The upstream must hold percentages and show models the host they know.")
            }
            arrangeService()
            arrangeRoute()
        }
    }

    /// What is wanted while entities are changed under traffic.
    private var quiet: GatewayState.Goal {
        state.goal == .registered ? .registered : .share(.none)
    }

    private var upstreamPatch: KongWrite.UpstreamPatch {
        guard let upstream = sighting.upstream, state.mayChangeUpstream, state.arranges
        else { return .init() }
        var patch = KongWrite.UpstreamPatch()
        if !["round-robin", "consistent-hashing"].contains(upstream.algorithm) {
            patch.algorithm = "round-robin"
        }
        let isDirect = sighting.service.map { $0.host != state.upstreamName } ?? false
        if state.isSwitching, isDirect, upstream.hostHeader != state.hostHeader {
            patch.hostHeader = state.hostHeader
        }
        return patch
    }

    private mutating func makeUpstreamAndTargets() throws(WeightPlanError) {
        guard state.making == .everything else { return }
        if sighting.upstream == nil {
            add(
                .createUpstream(
                    name: state.upstreamName, hostHeader: state.hostHeader, tags: state.tags),
                "The upstream that will hold both versions.")
        }
        let present = Set(sighting.targets.map(\.address))
        let missing = state.sides.stable.filter { !present.contains($0) }
        if !missing.isEmpty {
            let scale = try birthWeights(of: missing)
            for address in missing {
                let weight = scale[address] ?? state.sides.baseline(of: address)
                add(
                    .createTarget(
                        upstream: upstreamKey, address: address, weight: weight, tags: state.tags),
                    "A stable target, with the weight from which every step can be reached.")
            }
        }
        for address in state.sides.canary where !present.contains(address) {
            add(
                .createTarget(
                    upstream: upstreamKey, address: address, weight: 0, tags: state.tags),
                "The canary is registered without traffic.")
        }
    }

    /// Where no stable target stands above 0 yet, the new ones get the final scale at once.
    private func birthWeights(of missing: [String]) throws(WeightPlanError) -> [String: Int] {
        let isAlone = !sighting.targets.contains {
            $0.weight > 0 && state.sides.side(of: $0.address) == .stable
        }
        guard isAlone else { return [:] }
        let targets = state.sides.weighed(
            sighting.targets, addressCounts: sighting.addressCounts, all: true)
        return try stableScale(for: state.shares, among: targets).weights
    }

    private mutating func weigh(_ goal: GatewayState.Goal) throws(WeightPlanError) {
        let present = state.sides.weighed(
            sighting.targets, addressCounts: sighting.addressCounts)
        let plan: WeightPlan
        switch goal {
        case .registered:
            let scale = try stableScale(for: state.shares, among: present).weights
            plan = try plannedWeights(
                for: .none,
                among: present.map { target in
                    guard target.side == .stable, let weight = scale[target.address] else {
                        return target
                    }
                    return target.weighing(weight)
                })
        case .share(let share):
            plan = try plannedWeights(for: share, among: present, alongside: state.shares)
        case .restored:
            plan = try restoredWeights(among: present)
        }
        addWeights(orderedWrites(from: present, to: plan))
    }

    private mutating func addWeights(_ writes: [WeightWrite]) {
        for write in writes {
            let key = sighting.targets.first { $0.address == write.address }?.id ?? write.address
            let verb = write.to > write.from ? "Raises" : "Lowers"
            add(
                .setWeight(upstream: upstreamKey, target: key, weight: write.to),
                "\(verb) \(write.side.rawValue)'s \(write.address) from \(write.from) "
                    + "to \(write.to).",
                weight: write)
        }
    }

    /// Takes the canary out and puts stable back, whatever is still there.
    private mutating func restore() throws(WeightPlanError) {
        guard sighting.upstream != nil else { return }
        let sides = state.sides
        let hasStable = sighting.targets.contains { sides.side(of: $0.address) == .stable }
        let canaries = sighting.targets.filter { sides.side(of: $0.address) == .canary }
        if !hasStable {
            let isServing = canaries.contains { $0.weight > 0 }
            guard isServing || state.owesStable && !canaries.isEmpty else { return }
            for address in sides.stable {
                add(
                    .createTarget(
                        upstream: upstreamKey, address: address,
                        weight: max(sides.baseline(of: address), 1), tags: state.tags),
                    "A stable target must serve before the canary may be taken out.")
            }
        }
        guard !canaries.isEmpty else {
            let stable = sides.weighed(
                sighting.targets, addressCounts: sighting.addressCounts)
            let wanted = stable.map { ($0.address, sides.baseline(of: $0.address)) }
            guard wanted.contains(where: { $0.1 > 0 }) else { return }
            let rounds = rescalingRounds(
                from: stable, to: Dictionary(wanted, uniquingKeysWith: { first, _ in first }))
            addWeights(rounds.joined().filter { $0.to > $0.from })
            addWeights(rounds.joined().filter { $0.to < $0.from })
            return
        }
        try weigh(.restored)
    }
}

extension ChangeWriter {
    private var changesService: Bool {
        guard let service = sighting.service, state.mayChangeService, state.arranges
        else { return false }
        return !state.service.missing(in: service).isEmpty
    }

    private var changesRoute: Bool {
        guard let route = sighting.route, state.mayChangeRoute, state.arranges
        else { return false }
        return !state.route.missing(in: route).isEmpty || leadsElsewhere(route)
    }

    private func leadsElsewhere(_ route: RouteRow) -> Bool {
        guard let service = sighting.service else { return true }
        return route.serviceID != service.id
    }

    fileprivate mutating func arrangeService() {
        guard let service = sighting.service else {
            guard state.making == .everything else { return }
            var columns = state.service
            columns.scheme = columns.scheme ?? "http"
            add(
                .createService(name: state.serviceName, columns, tags: state.tags),
                "The service that leads to the upstream.")
            return
        }
        let patch = state.service.missing(in: service)
        guard state.arranges, state.mayChangeService, !patch.isEmpty else { return }
        let why =
            patch.host == nil
            ? "The service gets what the rollout asks for."
            : "The service is led through the upstream, which serves stable alone by now."
        add(.updateService(id: service.id, patch), why, confirmed: true)
    }

    fileprivate mutating func arrangeRoute() {
        let key: KongWrite.ServiceKey =
            sighting.service.flatMap { $0.id.isEmpty ? nil : .id($0.id) }
            ?? .name(state.serviceName)
        guard let route = sighting.route else {
            guard state.making == .everything else { return }
            add(
                .createRoute(name: state.routeName, service: key, state.route, tags: state.tags),
                "The route that lets the requests in.")
            return
        }
        let patch = state.route.missing(in: route)
        let moves = leadsElsewhere(route)
        guard state.arranges, state.mayChangeRoute, moves || !patch.isEmpty else { return }
        add(
            .updateRoute(id: route.id, service: moves ? key : nil, patch),
            "The route gets what the rollout asks for.", confirmed: true)
    }
}

extension KongWrite.ServicePatch {
    /// The columns that differ.
    func missing(in row: ServiceRow) -> Self {
        Self(
            host: host == row.host ? nil : host, scheme: scheme == row.scheme ? nil : scheme,
            path: path == row.path ? nil : path, retries: retries == row.retries ? nil : retries)
    }
}

extension KongWrite.RoutePatch {
    /// The columns that differ; lists are sets to Kong.
    func missing(in row: RouteRow) -> Self {
        func differing(_ wanted: [String]?, _ present: [String]?) -> [String]? {
            wanted.flatMap { Set($0) == Set(present ?? []) ? nil : $0 }
        }
        return Self(
            paths: differing(paths, row.paths), methods: differing(methods, row.methods),
            protocols: differing(protocols, row.protocols), hosts: differing(hosts, row.hosts),
            stripPath: stripPath == row.stripPath ? nil : stripPath)
    }
}
