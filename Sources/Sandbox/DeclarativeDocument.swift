/// A whole configuration as `POST /config` takes it, checked and made into rows.
struct DeclarativeDocument: Sendable {
    let tables: [Entity: [String: Row]]

    /// Why a document is refused.
    struct Refusal: Error {
        /// By entity and place, as the document is nested.
        let errors: Row
        /// One entry per entity that is wrong.
        let flattened: [LuaValue]
    }

    private static let namespace = "fd02801f-0957-4a15-a55a-c8d9606f30b5"
    private static let formats = ["1.1", "2.1", "3.0"]
    /// Kinds that Kong knows and the sandbox does not keep.
    private static let ignored = [
        "_comment", "_ignore", "_info", "_plugin_configs", "_workspace", "consumers",
        "certificates", "ca_certificates", "snis", "vaults", "key_sets", "keys",
        "filter_chains", "parameters", "workspaces", "clustering_data_planes",
    ]

    init(_ document: Row, in world: Surroundings) throws(Refusal) {
        var errors: Row = [:]
        for name in document.keys where Entity(rawValue: name) == nil {
            if !Self.ignored.contains(name), name != "_format_version", name != "_transform" {
                errors[name] = "unknown field"
            }
        }
        switch document["_format_version"] ?? .null {
        case .null: errors["_format_version"] = "required field missing"
        case .string(let text) where Self.formats.contains(text): break
        case .string:
            errors["_format_version"] = .string(
                "expected one of: \(Self.formats.joined(separator: ", "))")
        default: errors["_format_version"] = "expected a string"
        }
        if let transform = document["_transform"], transform.flag == nil {
            errors["_transform"] = "expected a boolean"
        }
        var reading = Reading(world: world, now: world.now())
        for entity in Entity.allCases {
            guard let value = document[entity.rawValue] else { continue }
            let found = reading.read(entity, value, parent: nil)
            if found.isFilled { errors[entity.rawValue] = found }
        }
        guard errors.isEmpty else {
            throw Refusal(errors: errors, flattened: reading.flattened)
        }
        let unresolved = reading.resolveReferences()
        guard unresolved.isEmpty else { throw Refusal(errors: unresolved, flattened: []) }
        tables = reading.tables
    }

    /// The id that Kong gives to an entity without one: the same for the same name.
    static func identity(_ entity: Entity, _ key: String) -> String {
        UUIDText.named(key, in: UUIDText.named(entity.rawValue, in: namespace))
    }

    private struct Reading {
        let world: Surroundings
        /// One time for all: everything in a document is equally old.
        let now: Double
        var tables: [Entity: [String: Row]] = [:]
        var flattened: [LuaValue] = []

        /// - Returns: Errors by place in the list; an empty list if there are none.
        mutating func read(
            _ entity: Entity, _ value: LuaValue, parent: (field: String, id: String)?
        ) -> LuaValue {
            guard let list = value.list ?? (value.table?.isEmpty == true ? [] : nil) else {
                return "expected an array"
            }
            var errors: [LuaValue] = []
            for element in list {
                guard let row = element.table else {
                    errors.append("expected a record")
                    continue
                }
                let found = read(entity, row, parent: parent)
                errors.append(found.isEmpty ? .null : .table(found))
            }
            while errors.last?.isNull == true { errors.removeLast() }
            return .array(errors)
        }

        private mutating func read(
            _ entity: Entity, _ row: Row, parent: (field: String, id: String)?
        ) -> Row {
            var body = row
            body["_comment"] = nil
            body["_ignore"] = nil
            let children = Entity.allCases.compactMap { child in
                child.references.first { $0.entity == entity.rawValue }.map { (child, $0.field) }
            }.filter { row[$0.0.rawValue] != nil }
            for (child, _) in children { body[child.rawValue] = nil }
            if let parent { body[parent.field] = .table(["id": .string(parent.id)]) }
            let id = identity(entity, body)
            if entity == .targets {
                do { body = try KongState.normalisedTarget(body) } catch {
                    let errors = error.body["fields"]?.table ?? [:]
                    report(entity, row, errors)
                    return errors
                }
            }
            body["id"] = .string(id)
            var errors = complete(entity, body, id)
            if !errors.isEmpty { report(entity, row.filter { Entity(rawValue: $0.key) == nil }, errors) }
            for (child, field) in children {
                let value = row[child.rawValue] ?? .null
                let found = read(child, value, parent: (field, id))
                if found.isFilled { errors[child.rawValue] = found }
            }
            return errors
        }

        /// Stores the completed row, or says what is wrong with it.
        private mutating func complete(_ entity: Entity, _ body: Row, _ id: String) -> Row {
            var input = Shorthands.expanded(entity, body)
            // A reference by name or id is looked up when everything has been read.
            var names: Row = [:]
            for (field, _) in entity.references {
                guard let text = input[field]?.text else { continue }
                names[field] = .string(text)
                input[field] = .table(["id": .string(identity(.services, text))])
            }
            let stamp: LuaValue = .number(
                entity.countsMilliseconds ? (now * 1000).rounded() / 1000 : now.rounded(.down))
            input["created_at"] = input["created_at"] ?? stamp
            input["updated_at"] = input["updated_at"] ?? stamp
            let row = entity.schema(for: input).completed(input)
            let errors = KongState.errors(entity, row)
            if errors.isEmpty {
                tables[entity, default: [:]][id] = row.merging(names) { $1 }
            }
            return errors
        }

        private func identity(_ entity: Entity, _ key: String) -> String {
            DeclarativeDocument.identity(entity, key)
        }

        private func identity(_ entity: Entity, _ row: Row) -> String {
            if let id = row["id"]?.text { return id }
            switch entity {
            case .services, .routes, .upstreams:
                return row.name.map { identity(entity, $0) } ?? world.newID()
            case .targets:
                let owner = row.reference("upstream") ?? row["upstream"]?.text ?? ""
                return identity(entity, "targets:*:\(owner):\(row["target"]?.text ?? "")")
            case .plugins:
                guard let name = row.name else { return world.newID() }
                let parts = ["route", "service", "consumer"].map { field in
                    row.reference(field) ?? row[field]?.text ?? ""
                }
                return identity(entity, (["plugins", "*", name] + parts).joined(separator: ":"))
            }
        }

        private mutating func report(_ entity: Entity, _ row: Row, _ errors: Row) {
            var flat: [LuaValue] = []
            Self.flatten(.table(errors), at: "", into: &flat)
            var entry: Row = [
                "entity_type": .string(entity.singular), "entity": .table(row),
                "errors": .array(flat),
            ]
            if let name = row.name { entry["entity_name"] = .string(name) }
            if let id = row["id"] { entry["entity_id"] = id }
            if let tags = row["tags"], tags.list != nil { entry["entity_tags"] = tags }
            flattened.append(.table(entry))
        }

        private static func flatten(_ error: LuaValue, at path: String, into flat: inout [LuaValue]) {
            func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
            switch error {
            case .string(let text):
                flat.append(.table([
                    "type": "field", "field": .string(path), "message": .string(text),
                ]))
            case .array(let list):
                for (index, element) in list.enumerated().reversed() where !element.isNull {
                    flatten(element, at: join("\(index + 1)"), into: &flat)
                }
            case .table(let row):
                for key in row.keys.sorted(by: >) where key != "@entity" {
                    flatten(row[key] ?? .null, at: join(key), into: &flat)
                }
                for text in row["@entity"]?.strings ?? [] {
                    flat.append(.table(["type": "entity", "message": .string(text)]))
                }
            case .null, .bool, .number: break
            }
        }

        /// Turns names and ids into foreign keys; says which of them lead nowhere.
        mutating func resolveReferences() -> Row {
            var errors: Row = [:]
            for entity in Entity.allCases {
                for (id, row) in tables[entity] ?? [:] {
                    for (field, parentName) in entity.references {
                        guard let text = row[field]?.text ?? row.reference(field) else { continue }
                        let rows = Entity(rawValue: parentName).flatMap { tables[$0] } ?? [:]
                        let found = rows[text] ?? rows.values.first { $0.name == text }
                        if let found {
                            tables[entity]?[id]?[field] = .table(["id": .string(found.id)])
                        } else {
                            var places = errors[entity.rawValue]?.table ?? [:]
                            let place = row[entity.endpointField]?.text ?? id
                            let message = "invalid reference '\(field): \(text)' (no such entry in "
                                + "'\(parentName)')"
                            places[place] = .array(
                                (places[place]?.list ?? []) + [.string(message)])
                            errors[entity.rawValue] = .table(places)
                        }
                    }
                }
            }
            return errors
        }
    }
}
