internal import Yams

/// `POST /config` of a Kong without a database.
struct ConfigurationEndpoint: Sendable {
    let world: Surroundings
    /// Of what is loaded now.
    let currentHash: String

    func load(_ request: AdminRequest, into state: inout KongState) -> AdminAnswer {
        let document: Row
        do throws(Refusal) {
            document = try Self.document(in: request)
        } catch {
            return error.answer
        }
        do throws(DeclarativeDocument.Refusal) {
            let loaded = try DeclarativeDocument(document, in: world)
            var candidate = state
            candidate.replaceAll(with: loaded.tables)
            let isUnchanged = ConfigurationExport.hash(of: candidate) == currentHash
            if request.query["check_hash"] == "1", isUnchanged {
                return AdminAnswer(status: 304, body: .none)
            }
            state = candidate
            let tables = loaded.tables.filter { !$0.value.isEmpty }.map { entity, rows in
                (entity.rawValue, LuaValue.table(rows.mapValues(LuaValue.table)))
            }
            return .created(Dictionary(uniqueKeysWithValues: tables))
        } catch {
            guard ["1", "true", "on", "yes"].contains(request.query["flatten_errors"]?.lowercased()) else {
                return .fault(.invalidConfiguration(error.errors))
            }
            // What is said about an entity is not said a second time.
            let rest = error.errors.filter { Entity(rawValue: $0.key) == nil || $0.value.list == nil }
            let entries = Array(error.flattened.reversed())
            return .fault(
                KongFault.invalidConfiguration(rest).adding("flattened_errors", .array(entries)))
        }
    }

    private enum Refusal: Error {
        case nothing, badJSON, unsupportedMediaType, unreadable(String)

        var answer: AdminAnswer {
            switch self {
            case .nothing: .fault(.refused("expected a declarative configuration"))
            case .badJSON: .fault(.badJSON)
            case .unsupportedMediaType: .unsupportedMediaType
            case .unreadable(let reason):
                .fault(.invalidConfiguration(["error": .string(reason)]))
            }
        }
    }

    private static func document(in request: AdminRequest) throws(Refusal) -> Row {
        let type = request.contentType ?? ""
        if request.body.isEmpty { throw .nothing }
        if type.hasPrefix("application/yaml") || type.hasPrefix("text/yaml") {
            return try yaml(String(decoding: request.body, as: UTF8.self))
        }
        let arguments: Row
        do throws(BodyArguments.Refusal) {
            arguments = try BodyArguments.read(request, for: nil)
        } catch {
            switch error {
            case .badJSON: throw .badJSON
            case .unsupportedMediaType: throw .unsupportedMediaType
            }
        }
        guard arguments["_format_version"] == nil, let config = arguments["config"] else {
            return arguments
        }
        guard let text = config.text else {
            guard let row = config.table else { throw .nothing }
            return row
        }
        return try yaml(text)
    }

    /// JSON is YAML too.
    private static func yaml(_ text: String) throws(Refusal) -> Row {
        if case .table(let row)? = LuaValue(json: Array(text.utf8)) { return row }
        let parsed: LuaValue
        do {
            parsed = try Yams.compose(yaml: text).map(LuaValue.init) ?? .null
        } catch {
            throw .unreadable("failed parsing declarative configuration: \(error)")
        }
        guard case .table(let row) = parsed else {
            throw .unreadable("failed parsing declarative configuration: expected an object")
        }
        return row
    }
}

extension LuaValue {
    init(_ node: Yams.Node) {
        switch node {
        case .mapping(let mapping):
            var row: Row = [:]
            for (key, value) in mapping { row[key.string ?? ""] = LuaValue(value) }
            self = .table(row)
        case .sequence(let sequence): self = .array(sequence.map(LuaValue.init))
        case .scalar(let scalar):
            if scalar.style == .singleQuoted || scalar.style == .doubleQuoted {
                self = .string(scalar.string)
            } else if node.null != nil {
                self = .null
            } else if let number = node.int.map(Double.init) ?? node.float {
                self = .number(number)
            } else if let flag = node.bool, ["true", "false"].contains(scalar.string.lowercased()) {
                self = .bool(flag)
            } else {
                self = .string(scalar.string)
            }
        case .alias: self = .null
        }
    }
}
