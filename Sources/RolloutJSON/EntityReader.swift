import JSONText
import Rollouts

/// Reads what is asked of Kong's service, upstream and route.
enum EntityReader {
    static let serviceMembers = ["name", "protocol", "path", "retries"]
    static let routeMembers = ["name", "paths", "methods", "protocols", "hosts", "strip_path"]
    /// Paths, methods, protocols and hosts of a route.
    static let listLimit = 100
    private static let entityNameRule =
        "must be 1 to 255 letters, digits and any of . - _ ~, and not in the form of a UUID"

    static func service(
        _ value: JSONValue?, _ inspection: inout Inspection
    ) -> RolloutPlan.Service {
        let pointer = JSONPointer.root.appending("service")
        guard let object = inspection.object(value, at: pointer, of: serviceMembers) else {
            return RolloutPlan.Service()
        }
        let scheme = inspection.text(object, "protocol", at: pointer)
        if let scheme, let detail = refusal(ofProtocol: scheme) {
            inspection.fault(pointer.appending("protocol"), detail)
        }
        let path = inspection.text(object, "path", at: pointer)
        if let path, !KongText.isPath(path) {
            inspection.fault(
                pointer.appending("path"),
                "must begin with \"/\", without empty segments, query or characters to be escaped")
        }
        return RolloutPlan.Service(
            name: entityName(object, at: pointer, &inspection), scheme: scheme, path: path,
            retries: inspection.whole(object, "retries", in: 0...32_767, at: pointer))
    }

    static func upstream(_ value: JSONValue?, _ inspection: inout Inspection) -> String? {
        let pointer = JSONPointer.root.appending("upstream")
        guard let object = inspection.object(value, at: pointer, of: ["name"]) else { return nil }
        let name = inspection.text(object, "name", at: pointer)
        if let name, !KongText.isUpstreamName(name) {
            inspection.fault(
                pointer.appending("name"),
                "must be a host name such as \"ml-upstream\", no address and no port")
        }
        return name
    }

    static func route(
        _ value: JSONValue?, _ inspection: inout Inspection
    ) -> RolloutPlan.Route? {
        let pointer = JSONPointer.root.appending("route")
        guard let value, !value.isNull else {
            inspection.fault(
                pointer,
                "is required: the name of a route that exists, or paths or hosts to make one")
            return nil
        }
        guard let object = inspection.object(value, at: pointer, of: routeMembers) else {
            return nil
        }
        let count = inspection.faults.count
        let route = RolloutPlan.Route(
            name: entityName(object, at: pointer, &inspection),
            paths: texts(
                object, "paths", at: pointer, &inspection,
                "must begin with \"/\", or be \"~\" and a regular expression",
                KongText.isRoutePath),
            methods: texts(
                object, "methods", at: pointer, &inspection,
                "must be a method in capital letters, such as \"GET\"", KongText.isMethod),
            protocols: protocols(object, at: pointer, &inspection),
            hosts: texts(
                object, "hosts", at: pointer, &inspection,
                "must be a host name, which may begin with \"*.\" or end with \".*\"",
                KongText.isRouteHost),
            stripPath: inspection.flag(object, "strip_path", at: pointer))
        if inspection.faults.count == count, route.name == nil, route.paths == nil,
            route.hosts == nil
        {
            inspection.fault(
                pointer,
                "needs the name of a route that exists, or paths or hosts to make one")
        }
        return route
    }

    private static func entityName(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> String? {
        let name = inspection.text(object, "name", at: pointer)
        if let name, !KongText.isEntityName(name) {
            inspection.fault(pointer.appending("name"), entityNameRule)
        }
        return name
    }

    private static func protocols(
        _ object: JSONObject, at pointer: JSONPointer, _ inspection: inout Inspection
    ) -> [String]? {
        guard let list = inspection.list(object, "protocols", upTo: 2, at: pointer) else {
            return nil
        }
        let here = pointer.appending("protocols")
        var found: [String] = []
        for (index, value) in list.enumerated() {
            guard let text = value.string else {
                inspection.fault(
                    here.appending(index), "must be a string, not \(value.kindName)")
                continue
            }
            if let detail = refusal(ofProtocol: text) {
                inspection.fault(here.appending(index), detail)
            } else if found.contains(text) {
                inspection.fault(here.appending(index), "is there twice")
            }
            found.append(text)
        }
        return found
    }

    private static func refusal(ofProtocol text: String) -> String? {
        switch text {
        case "http", "https": nil
        case "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough", "ws", "wss":
            "\"\(text)\" is not supported: only \"http\" and \"https\" have requests to share out"
        default: "must be \"http\" or \"https\""
        }
    }

    private static func texts(
        _ object: JSONObject, _ name: String, at pointer: JSONPointer,
        _ inspection: inout Inspection, _ rule: String, _ isGood: (String) -> Bool
    ) -> [String]? {
        guard let list = inspection.list(object, name, upTo: listLimit, at: pointer) else {
            return nil
        }
        let here = pointer.appending(name)
        var found: [String] = []
        for (index, value) in list.enumerated() {
            guard let text = value.string, isGood(text) else {
                inspection.fault(here.appending(index), "\(rule), not \(Inspection.shown(value))")
                continue
            }
            if found.contains(text) { inspection.fault(here.appending(index), "is there twice") }
            found.append(text)
        }
        return found
    }
}
