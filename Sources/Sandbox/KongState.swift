/// The rows of one Kong database, and the rules under which they change.
///
/// A value: the same calls on the same rows give the same rows.
struct KongState: Sendable {
    private(set) var tables: [Entity: [String: Row]] = [:]
    /// Without a database nothing can be written entity by entity.
    let isReadOnly: Bool

    init(isReadOnly: Bool = false) { self.isReadOnly = isReadOnly }

    /// All rows, by id.
    func rows(_ entity: Entity) -> [Row] {
        (tables[entity] ?? [:]).values.sorted { $0.id < $1.id }.map { Self.read(entity, $0) }
    }

    func row(_ entity: Entity, _ key: EntityKey) -> Row? {
        switch key {
        case .id(let id): tables[entity]?[id].map { Self.read(entity, $0) }
        case .unique(let field, let value):
            tables[entity]?.values
                .first { Self.read(entity, $0)[field]?.text == value }
                .map { Self.read(entity, $0) }
        }
    }

    /// The rows that point at a parent, by id.
    func children(_ entity: Entity, of field: String, id: String) -> [Row] {
        (tables[entity] ?? [:]).values.filter { $0.reference(field) == id }
            .sorted { $0.id < $1.id }.map { Self.read(entity, $0) }
    }

    /// Newest first, as Kong lists an upstream's targets.
    func targets(of upstream: String) -> [Row] {
        children(.targets, of: "upstream", id: upstream).sorted { one, other in
            let (left, right) = (one["created_at"]?.double ?? 0, other["created_at"]?.double ?? 0)
            return left == right ? one.id > other.id : left > right
        }
    }

    /// A target that was renamed by PATCH is stored as sent and formatted when read.
    private static func read(_ entity: Entity, _ row: Row) -> Row {
        if entity == .upstreams { return Shorthands.expanded(entity, row) }
        guard entity == .targets, let target = row["target"]?.text else { return row }
        do {
            var copy = row
            copy["target"] = .string(try HostAddress(target).formatted(defaultPort: 8000))
            return copy
        } catch {
            return row
        }
    }

    mutating func insert(
        _ entity: Entity, _ body: Row, in world: Surroundings
    ) throws(KongFault) -> Row {
        let row = try prepared(entity, body, id: nil, in: world)
        if isReadOnly { throw .unsupported("create", entity.rawValue) }
        try store(row, as: entity, isNew: true)
        return Shorthands.expanded(entity, row)
    }

    mutating func update(
        _ entity: Entity, _ key: EntityKey, _ body: Row, in world: Surroundings
    ) throws(KongFault) -> Row {
        guard let present = row(entity, key) else { throw .noEntity(key) }
        var change = try resolved(entity, Shorthands.expanded(entity, body))
        change["id"] = nil
        var row = entity.schema(for: present.merging(change) { $1 }).merged(change, over: present)
        row["updated_at"] = stamp(entity, world)
        try check(entity, row, isUpdate: true)
        if isReadOnly { throw .unsupported("update", entity.rawValue, by: key.field) }
        try store(row, as: entity, isNew: false)
        return Shorthands.expanded(entity, row)
    }

    /// PUT: replaces the whole entity, or makes it.
    mutating func upsert(
        _ entity: Entity, _ key: EntityKey, _ body: Row, in world: Surroundings
    ) throws(KongFault) -> Row {
        var body = body
        let present = row(entity, key)
        let id: String?
        switch key {
        case .id(let given): id = given
        case .unique(let field, let value):
            body[field] = .string(value)
            id = present?.id
        }
        body["id"] = nil
        let row = try prepared(entity, body, id: id, in: world)
        if isReadOnly { throw .unsupported("create or update", entity.rawValue, by: key.field) }
        try store(row, as: entity, isNew: false)
        return Shorthands.expanded(entity, row)
    }

    /// Deletes the entity with its plugins and targets; nothing happens if it is not there.
    mutating func delete(_ entity: Entity, _ key: EntityKey) throws(KongFault) {
        guard let row = row(entity, key) else { return }
        if isReadOnly { throw .unsupported("remove", entity.rawValue, by: key.field) }
        if entity == .services, !children(.routes, of: "service", id: row.id).isEmpty {
            throw .stillReferenced(entity.rawValue, by: "routes")
        }
        for child in Entity.allCases {
            for (field, parent) in child.references where parent == entity.rawValue {
                for orphan in children(child, of: field, id: row.id) {
                    tables[child]?[orphan.id] = nil
                }
            }
        }
        tables[entity]?[row.id] = nil
    }

    /// Puts whole tables in place of what there is; for declarative configurations.
    mutating func replaceAll(with tables: [Entity: [String: Row]]) { self.tables = tables }
}

extension KongState {
    private func stamp(_ entity: Entity, _ world: Surroundings) -> LuaValue {
        let now = world.now()
        return .number(
            entity.countsMilliseconds ? (now * 1000).rounded() / 1000 : now.rounded(.down))
    }

    /// A whole new row, valid in itself.
    func prepared(
        _ entity: Entity, _ body: Row, id: String?, in world: Surroundings
    ) throws(KongFault) -> Row {
        var input = Shorthands.expanded(entity, body)
        if entity == .targets { input = try Self.normalisedTarget(input) }
        input = try resolved(entity, input)
        if let id { input["id"] = .string(id) }
        if input["id"]?.isNull != false { input["id"] = .string(world.newID()) }
        let now = stamp(entity, world)
        if input["created_at"]?.isNull != false { input["created_at"] = now }
        input["updated_at"] = now
        let row = entity.schema(for: input).completed(input)
        try check(entity, row)
        return row
    }

    static func normalisedTarget(_ body: Row) throws(KongFault) -> Row {
        guard let text = body["target"]?.text else { return body }
        do {
            var copy = body
            copy["target"] = .string(try HostAddress(text).formatted(defaultPort: 8000))
            return copy
        } catch {
            throw .schemaViolation([
                "target": "Invalid target; not a valid hostname or ip address"
            ])
        }
    }

    /// Foreign keys given by name become foreign keys by id, and lose whatever else they carry.
    private func resolved(_ entity: Entity, _ body: Row) throws(KongFault) -> Row {
        var row = body
        for (field, parent) in entity.references {
            guard let key = body[field]?.table else { continue }
            if let id = key["id"] {
                row[field] = .table(["id": id])
            } else if let name = key.name {
                guard let parentEntity = Entity(rawValue: parent),
                    let found = self.row(parentEntity, .unique(field: "name", value: name))
                else { throw .unresolvedReference(field, name: name, entity: parent) }
                row[field] = .table(["id": .string(found.id)])
            }
        }
        return row
    }

    private func check(
        _ entity: Entity, _ row: Row, isUpdate: Bool = false
    ) throws(KongFault) {
        let errors = Self.errors(entity, row, isUpdate: isUpdate)
        if !errors.isEmpty { throw .schemaViolation(errors) }
    }

    /// What the schema says against a completed row.
    static func errors(_ entity: Entity, _ row: Row, isUpdate: Bool = false) -> Row {
        if entity == .plugins {
            guard let name = row["name"], !name.isNull else {
                return ["name": "required field missing"]
            }
            guard PluginSchemas.isEnabled(name.text ?? "") else {
                let text = name.text ?? name.pretty()
                return [
                    "name": .string(
                        "plugin '\(text)' not enabled; add it to the 'plugins' configuration "
                            + "property")
                ]
            }
        }
        if entity == .routes, row["protocols"]?.isNull != false {
            return ["protocols": "required field missing"]
        }
        var errors = entity.schema(for: row).errors(in: row)
        EntityChecks.run(entity, on: row, isUpdate: isUpdate, errors: &errors)
        return errors
    }

    /// What a database refuses: nulls, doubles, and references to nothing.
    private mutating func store(_ row: Row, as entity: Entity, isNew: Bool) throws(KongFault) {
        for column in entity.columnsNeverNull where row[column]?.isNull != false {
            throw .primaryKeyViolation(row.id)
        }
        if isNew, tables[entity]?[row.id] != nil { throw .primaryKeyViolation(row.id) }
        for key in Self.uniqueKeys(entity, row) {
            let clash = tables[entity]?.values.contains { other in
                other.id != row.id && key.allSatisfy { other[$0.key] == $0.value }
            }
            if clash == true { throw .uniqueViolation(key) }
        }
        for (field, parent) in entity.references {
            guard let id = row.reference(field) else { continue }
            let found = Entity(rawValue: parent).flatMap { tables[$0]?[id] }
            if found == nil { throw .invalidReference(field, id: id, entity: parent) }
        }
        tables[entity, default: [:]][row.id] = row
    }

    private static func uniqueKeys(_ entity: Entity, _ row: Row) -> [Row] {
        func key(_ fields: [String]) -> Row {
            Dictionary(uniqueKeysWithValues: fields.map { ($0, row[$0] ?? .null) })
        }
        switch entity {
        case .services, .routes, .upstreams: return row.name == nil ? [] : [key(["name"])]
        case .targets: return [key(["target", "upstream"])]
        case .plugins:
            let byScope = key(["name", "route", "service", "consumer"])
            return row["instance_name"]?.text == nil
                ? [byScope] : [byScope, key(["instance_name"])]
        }
    }
}

extension EntityKey {
    /// The unique field, when it is not the id.
    fileprivate var field: String? {
        switch self {
        case .id: nil
        case .unique(let field, _): field
        }
    }
}
