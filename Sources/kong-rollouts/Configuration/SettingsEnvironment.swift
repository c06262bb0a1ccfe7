import Rollouts

extension SettingsLayer {
    /// The prefix of every variable.
    static let prefix = "KONG_ROLLOUTS_"

    /// Reads `KONG_ROLLOUTS_…`; an unknown variable of that prefix is an error, because a
    /// misspelt one would be silently without effect.
    init(environment: [String: String]) throws(SettingsError) {
        self.init()
        var gateway = Gateway()
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(Self.prefix) {
            switch name.dropFirst(Self.prefix.count) {
            case "LISTEN": listen = value
            case "DATA": data = value
            case "PUBLIC_URL": publicURL = value
            case "KONG": gateway.admin = value.split(separator: ",").map(String.init)
            case "KONG_TOKEN": kongToken = value
            case "KONG_BEARER": kongBearer = value
            case "PROXY": gateway.proxy = value
            case "LOG_LEVEL": logLevel = value
            case "ALLOWED_ORIGINS": allowedOrigins = value.split(separator: ",").map(String.init)
            case "CONFIG": break
            default:
                throw SettingsError(
                    place: name,
                    detail: "no such setting; known are LISTEN, DATA, CONFIG, PUBLIC_URL, KONG, "
                        + "KONG_TOKEN, KONG_BEARER, PROXY, ALLOWED_ORIGINS and LOG_LEVEL, each "
                        + "after \(Self.prefix)")
            }
        }
        if !gateway.admin.isEmpty { gateways = [gateway] }
    }
}
