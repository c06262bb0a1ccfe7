import JSONText
import RolloutJSON
import Rollouts

extension SettingsLayer {
    /// Reads the JSON configuration file. Unknown members are errors, named by JSON pointer.
    init(file bytes: [UInt8], named name: String) throws(SettingsError) {
        self.init()
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw SettingsError(place: name, detail: "\(error)")
        }
        let members = try SettingsObject(value, at: name + "#")
        try members.allow([
            "listen", "data", "public_url", "gateways", "tokens", "allowed_origins", "tls",
            "defaults", "log_level", "grace", "prometheus", "telemetry",
        ])
        listen = try members.string("listen")
        data = try members.string("data")
        publicURL = try members.string("public_url")
        logLevel = try members.string("log_level")
        grace = try members.span("grace")
        allowedOrigins = try members.strings("allowed_origins")
        if let tls = try members.object("tls") {
            try tls.allow(["certificate", "key"])
            tlsCertificate = try tls.string("certificate")
            tlsKey = try tls.string("key")
        }
        if let all = try members.objects("gateways") {
            var read: [Gateway] = []
            for one in all { read.append(try Self.gateway(one)) }
            gateways = read
        }
        if let all = try members.objects("tokens") {
            var read: [Token] = []
            for one in all { read.append(try Self.token(one)) }
            tokens = read
        }
        if let all = try members.objects("prometheus") {
            var read: [Prometheus] = []
            for one in all { read.append(try Self.prometheus(one)) }
            prometheus = read
        }
        if let telemetry = try members.object("telemetry") {
            try telemetry.allow(["batch", "delay_ms"])
            telemetryBatch = try telemetry.whole("batch", in: 1...10_000)
            telemetryDelay = try telemetry.whole("delay_ms", in: 10...60_000)
        }
        if let defaults = try members.object("defaults") { try read(defaults) }
    }

    private mutating func read(_ defaults: SettingsObject) throws(SettingsError) {
        try defaults.allow(["steps", "drain", "progress_deadline", "analysis"])
        drain = try defaults.span("drain")
        if defaults.isNull("progress_deadline") {
            progressDeadline = .some(nil)
        } else if let span = try defaults.span("progress_deadline") {
            progressDeadline = .some(span)
        }
        if let document = defaults.value("analysis") {
            do { analysis = try AnalysisDocument.read(document) } catch {
                let first = error.all.first
                throw SettingsError(
                    place: defaults.place + (first.map { "\($0.pointer)" } ?? "/analysis"),
                    detail: first?.detail ?? "must be an analysis document")
            }
        }
        if let list = defaults.value("steps") {
            guard let read = Self.steps(list) else {
                throw SettingsError(
                    place: defaults.place + "/steps",
                    detail: "must be 1...50 percents that rise strictly, such as [5, 25, 50, 100]")
            }
            steps = read
        }
    }

    private static func steps(_ list: JSONValue) -> Steps? {
        guard let array = list.array else { return nil }
        let steps = array.map { element in
            element.number.flatMap { $0.scaled(by: 2) }.flatMap { TrafficShare(basisPoints: $0) }
                .map { Step(share: $0) }
        }
        guard steps.allSatisfy({ $0 != nil }) else { return nil }
        return Steps(steps.compactMap(\.self))
    }

    private static func gateway(_ members: SettingsObject) throws(SettingsError) -> Gateway {
        try members.allow([
            "name", "admin", "token", "bearer", "headers", "ca", "certificate", "key", "proxy",
        ])
        var gateway = Gateway()
        gateway.name = try members.string("name") ?? "default"
        gateway.admin = try members.strings("admin") ?? []
        gateway.token = try members.string("token")
        gateway.bearer = try members.string("bearer")
        gateway.authority = try members.string("ca")
        gateway.certificate = try members.string("certificate")
        gateway.key = try members.string("key")
        gateway.proxy = try members.string("proxy")
        if let headers = try members.object("headers") {
            for name in headers.names {
                guard let value = try headers.string(name) else { continue }
                gateway.headers.append((name, value))
            }
        }
        guard !gateway.admin.isEmpty else {
            throw SettingsError(
                place: members.place + "/admin",
                detail: "required: the Admin API addresses of the nodes, [\"http://kong:8001\"]")
        }
        return gateway
    }

    private static func prometheus(
        _ members: SettingsObject
    ) throws(SettingsError) -> Prometheus {
        try members.allow(["name", "url", "bearer"])
        let url = try members.required("url")
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw SettingsError(
                place: members.place + "/url",
                detail: "\"\(url)\" must begin with http:// or https://")
        }
        return Prometheus(
            name: try members.string("name") ?? "default",
            url: url.hasSuffix("/") ? String(url.dropLast()) : url,
            bearer: try members.string("bearer"))
    }

    private static func token(_ members: SettingsObject) throws(SettingsError) -> Token {
        try members.allow(["name", "role", "sha256", "expires"])
        return Token(
            name: try members.required("name"), role: try members.required("role"),
            sha256: try members.required("sha256"), expires: try members.string("expires"))
    }
}
