/// The rules that join several fields of one entity.
enum EntityChecks {
    /// Adds to `errors` what is wrong with the whole of `row`.
    static func run(
        _ entity: Entity, on row: Row, isUpdate: Bool = false, errors: inout Row
    ) {
        switch entity {
        case .services: checkService(row, &errors)
        case .routes: checkRoute(row, &errors)
        case .upstreams: checkUpstream(row, &errors)
        case .plugins: checkPlugin(row, isUpdate, &errors)
        case .targets: break
        }
    }

    private static func addWhole(_ text: String, _ errors: inout Row) {
        errors["@entity"] = .array((errors["@entity"]?.list ?? []) + [.string(text)])
    }

    private static func failCondition(
        on field: String, because cause: String, _ text: String, _ errors: inout Row
    ) {
        errors[field] = .string(text)
        addWhole("failed conditional validation given value of field '\(cause)'", &errors)
    }

    private static func checkService(_ row: Row, _ errors: inout Row) {
        guard let scheme = row["protocol"]?.text else { return }
        let mustBeNull: [(field: String, unless: [String])] = [
            ("path", ["http", "https", "tls_passthrough"]),
            ("client_certificate", ["https", "tls"]),
            ("tls_verify", ["https", "tls"]),
            ("tls_verify_depth", ["https", "tls"]),
            ("ca_certificates", ["https", "tls"]),
        ]
        for (field, allowed) in mustBeNull where !allowed.contains(scheme) {
            guard EntitySchemas.protocols.contains(scheme), row[field]?.isNull == false else {
                continue
            }
            failCondition(on: field, because: "protocol", "value must be null", &errors)
        }
    }

    private static func checkRoute(_ row: Row, _ errors: inout Row) {
        let protocols = row["protocols"]?.strings ?? []
        func need(_ fields: [String], for scheme: String) {
            guard !fields.contains(where: { row[$0]?.isFilled == true }) else { return }
            let list = fields.map { "'\($0)'" }.joined(separator: ", ")
            addWhole("must set one of \(list) when 'protocols' is \(scheme)", &errors)
        }
        func forbid(_ fields: [String], for schemes: String) {
            for field in fields where row[field]?.isNull == false {
                errors[field] = .string("cannot set '\(field)' when 'protocols' is \(schemes)")
            }
        }
        let secure = ["grpcs", "https", "tls", "tls_passthrough"]
        if row["snis"]?.isFilled == true, !protocols.contains(where: secure.contains) {
            errors["snis"] = .string("length must be 0")
            addWhole(
                "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or "
                    + "'tls_passthrough'", &errors)
        }
        if protocols.contains("https") || protocols.contains("http") {
            forbid(["sources", "destinations"], for: "'http' or 'https'")
            protocols.contains("https")
                ? need(["methods", "hosts", "headers", "paths", "snis"], for: "'https'")
                : need(["methods", "hosts", "headers", "paths"], for: "'http'")
        } else if protocols.contains("grpc") || protocols.contains("grpcs") {
            forbid(["methods", "sources", "destinations"], for: "'grpc' or 'grpcs'")
            protocols.contains("grpcs")
                ? need(["hosts", "headers", "paths", "snis"], for: "'grpcs'")
                : need(["hosts", "headers", "paths"], for: "'grpc'")
        } else if !protocols.isEmpty {
            forbid(
                ["methods", "hosts", "paths", "headers"],
                for: "'tcp', 'tls', 'tls_passthrough' or 'udp'")
            need(["sources", "destinations", "snis"], for: "'tcp', 'tls' or 'udp'")
        }
    }

    private static func checkUpstream(_ row: Row, _ errors: inout Row) {
        for field in ["hash_on", "hash_fallback"] {
            let needed: String? =
                switch row[field]?.text {
                case "header": field + "_header"
                case "query_arg": field + "_query_arg"
                case "uri_capture": field + "_uri_capture"
                case "cookie": "hash_on_cookie"
                default: nil
                }
            if let needed, row[needed]?.isNull != false {
                failCondition(on: needed, because: field, "required field missing", &errors)
            }
        }
        let hashOn = row["hash_on"]?.text ?? "none"
        let all = [
            "none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture",
        ]
        let allowed: [String]? =
            switch hashOn {
            case "none", "cookie": ["none"]
            case "consumer", "ip": all.filter { $0 != hashOn }
            case "path":
                ["none", "consumer", "header", "cookie", "query_arg", "ip", "uri_capture"]
            default: nil
            }
        if let allowed, let fallback = row["hash_fallback"]?.text, all.contains(fallback),
            !allowed.contains(fallback)
        {
            failCondition(
                on: "hash_fallback", because: "hash_on",
                "expected one of: \(allowed.joined(separator: ", "))", &errors)
        }
        for suffix in ["header", "query_arg", "uri_capture"] {
            let (first, second) = ("hash_on_\(suffix)", "hash_fallback_\(suffix)")
            if let value = row[first]?.text, value == row[second]?.text {
                addWhole(
                    "values of these fields must be distinct: '\(first)', '\(second)'", &errors)
            }
        }
    }

    private static func checkPlugin(_ row: Row, _ isUpdate: Bool, _ errors: inout Row) {
        guard row.name == "post-function" || row.name == "pre-function",
            let config = row["config"]?.table
        else { return }
        if row["consumer"]?.isNull == false { errors["consumer"] = "value must be null" }
        guard errors["config"] == nil else { return }
        guard !PluginSchemas.phases.contains(where: { config[$0]?.isFilled == true }) else { return }
        let list = PluginSchemas.phases.map { "'config.\($0)'" }.joined(separator: ", ")
        let when = isUpdate ? "when updating, " : ""
        addWhole("\(when)at least one of these fields must be non-empty: \(list)", &errors)
    }
}
