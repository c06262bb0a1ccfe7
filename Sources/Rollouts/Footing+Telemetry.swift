extension Footing {
    /// Which of Kong's plugins tell of the traffic, and whose place they take.
    public struct Telemetry: Hashable, Sendable {
        /// The plugin that carries our function; a route has one of each name.
        public enum Carrier: String, CaseIterable, Sendable {
            case postFunction = "post-function"
            case preFunction = "pre-function"
        }

        /// How much of a record is left. Kong's plugins share one record: what is cut out for ours
        /// is missing in all others.
        public enum Cut: String, CaseIterable, Sendable {
            /// What the judgement needs.
            case slim
            /// That, and whose request it was: route, service, consumer, workspace. Kong's own
            /// metrics are counted by these.
            case named
            /// All of it.
            case whole
        }

        public let carrier: Carrier
        public let cut: Cut
        /// Where records also go: logs of a wider scope, which ours on the route shadows. Their
        /// owners get whole records.
        public let forwards: [LogForward]

        public init(carrier: Carrier, cut: Cut = .slim, forwards: [LogForward] = []) {
            self.carrier = carrier
            self.cut = cut
            self.forwards = forwards
        }
    }

    /// An http-log of somebody else's that gets no records of the route while ours stands there.
    public struct LogForward: Hashable, Sendable {
        /// The plugin's id in Kong.
        public let plugin: String
        /// May hold secrets: never shown.
        public let endpoint: String
        /// `POST`, `PUT` or `PATCH`.
        public let method: String
        public let contentType: String
        /// May hold secrets: never shown.
        public let headers: [String: String]
        /// Milliseconds.
        public let timeout: Int
        /// Records in a body at the most; 1: each is one object, otherwise they come as arrays.
        public let batchSize: Int
        /// Lua by the field it makes, which our log takes over.
        public let customFields: [String: String]

        public init(
            plugin: String, endpoint: String, method: String, contentType: String,
            headers: [String: String], timeout: Int, batchSize: Int,
            customFields: [String: String] = [:]
        ) {
            self.plugin = plugin
            self.endpoint = endpoint
            self.method = method
            self.contentType = contentType
            self.headers = headers
            self.timeout = timeout
            self.batchSize = batchSize
            self.customFields = customFields
        }
    }

    /// The same footing with these plugins.
    public func telling(through telemetry: Telemetry?) -> Footing {
        Footing(
            service: service, upstream: upstream, route: route, stableTargets: stableTargets,
            baseline: baseline, reach: reach, serviceHost: serviceHost, url: url,
            telemetry: telemetry)
    }
}
