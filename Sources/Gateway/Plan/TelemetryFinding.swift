internal import Rollouts

/// What the plugins that are in Kong mean for ours.
struct TelemetryFinding: Hashable, Sendable {
    /// Nil: there is no place for ours.
    var telemetry: Footing.Telemetry?
    /// What consent cannot help.
    var never: [Cause.Difference] = []
    /// What needs `adopt`.
    var needed: [Cause.Difference] = []
    /// What is accepted and worth knowing.
    var remarks: [String] = []

    /// Of the plugins that apply to a request the most specific of a name runs alone: consumer
    /// before route before service before all.
    ///
    /// - Parameters:
    ///   - route: its id; nil: it is not there yet, as for `service`.
    init(of plugins: [PluginRow], route: String?, service: String?) {
        let applying = plugins.filter { row in
            !row.isOurs && (row.routeID == nil || row.routeID == route)
                && (row.serviceID == nil || row.serviceID == service)
        }
        let forwards = judgeLogs(applying.filter { $0.name == TelemetryPlugins.logName })
        let carrier = judgeFunctions(applying)
        let cut = judgeReaders(applying.filter(\.isEnabled))
        guard never.isEmpty, let carrier else { return }
        telemetry = Footing.Telemetry(carrier: carrier, cut: cut, forwards: forwards)
    }

    /// Plugins share one record, so others that read it decide what may be cut out.
    private mutating func judgeReaders(_ plugins: [PluginRow]) -> Footing.Telemetry.Cut {
        var cut = Footing.Telemetry.Cut.slim
        for row in plugins {
            switch RecordReader(row) {
            case .none: continue
            case .names: if cut == .slim { cut = .named }
            case .everything: cut = .whole
            }
            remarks.append("plugin \(row.id) (\(row.name)) reads the records that Kong logs too")
        }
        if cut == .whole {
            remarks.append("log records therefore stay whole, request headers included")
        }
        return cut
    }

    private static let way = "or judge nothing: {\"analysis\": {\"enabled\": false}}"

    private mutating func judgeLogs(_ logs: [PluginRow]) -> [Footing.LogForward] {
        var shadowed: [(row: PluginRow, columns: LogColumns)] = []
        for row in logs {
            guard case .log(let columns) = row.columns else { continue }
            let present = "http-log to \(columns.origin)"
            if row.consumerID != nil {
                guard row.isEnabled else { continue }
                remarks.append(
                    "plugin \(row.id) logs the requests of one consumer to \(columns.origin), so "
                        + "these are not judged")
            } else if row.routeID != nil {
                never.append(
                    .init(
                        entity: "plugins/\(row.id)", field: "route", present: present,
                        wanted: "no other http-log on the very route, which can have one: move "
                            + "it to the service, \(Self.way)"))
            } else if row.isEnabled {
                shadowed.append((row, columns))
                needed.append(
                    .init(
                        entity: "plugins/\(row.id)",
                        field: row.serviceID == nil ? "global" : "service", present: present,
                        wanted: "to give way on this route while the rollout lasts, its records "
                            + "passed on; \(Self.way)"))
            }
        }
        // One of them alone would have logged.
        let nearest = shadowed.first { $0.row.serviceID != nil } ?? shadowed.first
        return nearest.map { [Footing.LogForward($0.row.id, $0.columns)] } ?? []
    }

    private mutating func judgeFunctions(
        _ plugins: [PluginRow]
    ) -> Footing.Telemetry.Carrier? {
        func holder(_ carrier: Footing.Telemetry.Carrier) -> PluginRow? {
            plugins.first { row in
                row.name == carrier.rawValue && row.consumerID == nil
                    && (row.isEnabled || row.routeID != nil)
            }
        }
        for row in plugins where row.consumerID != nil && row.isEnabled {
            guard Footing.Telemetry.Carrier(rawValue: row.name) != nil else { continue }
            remarks.append(
                "plugin \(row.id) (\(row.name) of one consumer) may run in place of ours, so "
                    + "log records of that consumer are whole")
        }
        // Functions run in the order in which they are met, ours last where it may.
        for carrier in [Footing.Telemetry.Carrier.postFunction, .preFunction]
        where holder(carrier) == nil { return carrier }
        never += Footing.Telemetry.Carrier.allCases.compactMap { carrier in
            holder(carrier).map {
                .init(
                    entity: "plugins/\($0.id)", field: "name", present: carrier.rawValue,
                    wanted: "pre-function or post-function free for the Lua that attributes log "
                        + "records, \(Self.way)")
            }
        }
        return nil
    }
}

extension Footing.LogForward {
    fileprivate init(_ id: String, _ log: LogColumns) {
        self.init(
            plugin: id, endpoint: log.endpoint, method: log.method, contentType: log.contentType,
            headers: log.headers, timeout: log.timeout, batchSize: log.queue.size,
            customFields: log.customFields)
    }
}
