import Gateway

/// Something that goes wrong for a while.
struct Incident: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case kill, powerLoss, killInCall, powerLossInCall
        case killInWrite, powerLossInWrite, killBeforeReply, powerLossBeforeReply
        case clockSet
        case diskFull, diskErrors, failedSyncs, slowDisk
        case lostAnswers, lostRequests, refusals, serverErrors, slowAnswers, stuckNodes
        case databaseDown, nodeRestart, nodeCutOff, nodeHangs, kongDown
        case somebodyRaises, somebodyLowers, somebodyReweighs, somebodyDeletes

        var isMeddling: Bool {
            switch self {
            case .somebodyRaises, .somebodyLowers, .somebodyReweighs, .somebodyDeletes: true
            case .kill, .powerLoss, .killInCall, .powerLossInCall, .killInWrite,
                .powerLossInWrite, .killBeforeReply, .powerLossBeforeReply, .clockSet, .diskFull,
                .diskErrors,
                .failedSyncs, .slowDisk, .lostAnswers, .lostRequests, .refusals, .serverErrors,
                .slowAnswers, .stuckNodes, .databaseDown, .nodeRestart, .nodeCutOff, .nodeHangs,
                .kongDown:
                false
            }
        }
    }

    let kind: Kind
    let lasts: Duration
}

extension World {
    func strike(_ incident: Incident) {
        let disk = disk
        let kong = kong
        tally.note("incident \(incident.kind) for \(incident.lasts)")
        switch incident.kind {
        case .kill: crash(losesPower: false)
        case .powerLoss: crash(losesPower: true)
        case .killInCall, .powerLossInCall:
            let losesPower = incident.kind == .powerLossInCall
            disk.trap = (disk.calls + dice.roll(1...40), { [weak self] in
                self?.crash(losesPower: losesPower)
            })
        case .killInWrite, .powerLossInWrite:
            let losesPower = incident.kind == .powerLossInWrite
            kong.trap = (kong.writes + dice.roll(1...6), { [weak self] in
                self?.crash(losesPower: losesPower)
            })
        case .killBeforeReply: crashesBeforeReply = false
        case .powerLossBeforeReply: crashesBeforeReply = true
        case .clockSet:
            tally.count("clock: set")
            clockError += dice.time(.seconds(0), .seconds(40)) - .seconds(20)
        case .diskFull:
            let room = disk.image.used + dice.roll(2_000)
            change(incident, { disk.capacity = room }, { disk.capacity = nil })
        case .diskErrors:
            change(incident, { disk.rates.error = 1_500 }, { disk.rates.error = 0 })
        case .failedSyncs:
            change(incident, { disk.rates.failedSync = 3_000 }, { disk.rates.failedSync = 0 })
        case .slowDisk:
            change(
                incident, { (disk.rates.slow, disk.rates.short) = (2_000, 2_000) },
                { (disk.rates.slow, disk.rates.short) = (0, 0) })
        case .lostAnswers:
            change(incident, { kong.rates.lostAfter = 3_000 }, { kong.rates.lostAfter = 0 })
        case .lostRequests:
            change(incident, { kong.rates.lostBefore = 3_000 }, { kong.rates.lostBefore = 0 })
        case .refusals:
            change(incident, { kong.rates.refused = 3_000 }, { kong.rates.refused = 0 })
        case .serverErrors:
            change(incident, { kong.rates.server = 3_000 }, { kong.rates.server = 0 })
        case .slowAnswers:
            change(incident, { kong.rates.slow = 3_000 }, { kong.rates.slow = 0 })
        case .stuckNodes:
            let usual = plan.stuck
            change(incident, { kong.rates.stuck = 2_500 }, { kong.rates.stuck = usual })
        case .databaseDown:
            tally.count("kong: database down")
            change(incident, { kong.isDatabaseDown = true }, { kong.isDatabaseDown = false })
        case .nodeRestart: kong.restart(dice.roll(kong.nodes.count), for: incident.lasts)
        case .nodeCutOff, .nodeHangs: isolate(incident)
        case .kongDown:
            for node in kong.nodes.indices { kong.restart(node, for: incident.lasts) }
        case .somebodyRaises, .somebodyLowers, .somebodyReweighs, .somebodyDeletes:
            meddle(incident.kind)
        }
    }

    private func isolate(_ incident: Incident) {
        let kong = kong
        let node = dice.roll(kong.nodes.count)
        if incident.kind == .nodeHangs {
            tally.count("kong: node hangs")
            change(
                incident, { kong.nodes[node].isHanging = true },
                { kong.nodes[node].isHanging = false })
        } else {
            tally.count("kong: node cut off")
            change(
                incident, { kong.nodes[node].isCutOff = true },
                { kong.nodes[node].isCutOff = false })
        }
    }

    private func change(
        _ incident: Incident, _ begin: () -> Void, _ end: @escaping () -> Void
    ) {
        begin()
        scheduler.at(min(scheduler.now + incident.lasts, plan.calmAt)) { end() }
    }

    /// Somebody else's hand in Kong.
    private func meddle(_ kind: Incident.Kind) {
        let charges = laws.charges.values.sorted { $0.upstream < $1.upstream }
        guard !charges.isEmpty else { return }
        let charge = dice.pick(charges)
        guard let row = kong.rows.upstream(charge.upstream) else { return }
        let all = kong.rows.targets[row.id] ?? []
        let targets = all.filter {
            kind == .somebodyDeletes
                || charge.canary.contains($0.address) == (kind != .somebodyReweighs)
        }
        guard !targets.isEmpty else { return }
        let target = dice.pick(targets)
        tally.count("somebody else: \(kind.rawValue.dropFirst("somebody".count).lowercased())")
        laws.touched(charge.upstream, forGood: kind == .somebodyDeletes)
        let write: KongWrite
        switch kind {
        case .somebodyDeletes:
            hasDeleted = true
            write = .deleteTarget(upstream: row.id, target: target.id)
        case .somebodyRaises:
            write = .setWeight(
                upstream: row.id, target: target.id,
                weight: min(target.weight + dice.roll(1...500), 65_535))
        default:
            write = .setWeight(
                upstream: row.id, target: target.id, weight: dice.roll(target.weight + 1))
        }
        do throws(NodeError) { _ = try kong.rows.apply(write) } catch { return }
        tally.note("somebody \(write)")
        kong.changed(row.id, through: dice.roll(kong.nodes.count))
    }
}
