import JSONText
import Rollouts

/// What a rollout stands on in Kong, as the ledger keeps it.
enum StoredFooting {
    static func write(_ footing: Footing, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("service")
        write(footing.service, into: &writer)
        writer.key("upstream")
        write(footing.upstream, into: &writer)
        writer.key("route")
        write(footing.route, into: &writer)
        writer.key("stable_targets")
        writer.value(footing.stableTargets)
        writer.key("baseline")
        writer.beginArray()
        for target in footing.baseline {
            writer.beginObject()
            writer.key("target")
            writer.value(target.address.description)
            writer.key("id")
            writer.value(target.id)
            writer.key("weight")
            writer.value(target.weight)
            writer.key("tags")
            writer.value(target.tags)
            writer.endObject()
        }
        writer.endArray()
        writer.key("direct")
        switch footing.reach {
        case .throughUpstream: writer.null()
        case .direct(let host, let port):
            writer.beginObject()
            writer.key("host")
            writer.value(host)
            writer.key("port")
            writer.value(port)
            writer.endObject()
        }
        writer.key("service_host")
        writer.value(footing.serviceHost)
        writer.key("url")
        writer.value(footing.url)
        if let telemetry = footing.telemetry {
            writer.key("telemetry")
            StoredTelemetry.write(telemetry, into: &writer)
        }
        writer.endObject()
    }

    static func read(_ members: StoredMembers) throws(StoredFault) -> Footing {
        var stable: [TargetAddress] = []
        let stableAt = members.pointer.appending("stable_targets")
        for (index, value) in try members.list("stable_targets").enumerated() {
            stable.append(try members.address(value, stableAt.appending(index)))
        }
        var baseline: [Footing.BaselineTarget] = []
        let baselineAt = members.pointer.appending("baseline")
        for (index, value) in try members.list("baseline").enumerated() {
            baseline.append(
                try target(try StoredMembers(value, at: baselineAt.appending(index))))
        }
        let direct = try members.optionalMembers("direct")
        var reach = Footing.Reach.throughUpstream
        if let direct {
            reach = .direct(host: try direct.text("host"), port: try direct.whole("port"))
        }
        var telemetry: Footing.Telemetry?
        if let found = try members.optionalMembers("telemetry") {
            telemetry = try StoredTelemetry.read(found)
        }
        return Footing(
            service: try entity("service", in: members),
            upstream: try entity("upstream", in: members),
            route: try entity("route", in: members), stableTargets: stable, baseline: baseline,
            reach: reach, serviceHost: try members.optionalText("service_host"),
            url: try members.optionalText("url"), telemetry: telemetry)
    }

    private static func write(_ entity: Footing.Entity, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.value(entity.name)
        writer.key("id")
        writer.value(entity.id)
        writer.key("ours")
        writer.value(entity.isOurs)
        writer.endObject()
    }

    private static func entity(
        _ name: String, in parent: StoredMembers
    ) throws(StoredFault) -> Footing.Entity {
        let members = try parent.members(name)
        return Footing.Entity(
            name: try members.text("name"), id: try members.optionalText("id"),
            isOurs: try members.flag("ours"))
    }

    private static func target(
        _ members: StoredMembers
    ) throws(StoredFault) -> Footing.BaselineTarget {
        let address = try members.address(
            .string(try members.text("target")), members.pointer.appending("target"))
        var tags: [String] = []
        for (index, value) in try members.list("tags").enumerated() {
            guard let tag = value.string else {
                throw StoredFault(members.pointer.appending("tags").appending(index), "a string")
            }
            tags.append(tag)
        }
        return Footing.BaselineTarget(
            address: address, id: try members.text("id"), weight: try members.whole("weight"),
            tags: tags)
    }
}
