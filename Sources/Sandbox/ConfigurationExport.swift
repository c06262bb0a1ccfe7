internal import Yams

/// What `GET /config` gives: everything there is, flat, with ids and times.
enum ConfigurationExport {
    static func yaml(of state: KongState) -> String {
        var pairs: [(Yams.Node, Yams.Node)] = [
            (Yams.Node("_format_version"), Yams.Node("3.0", Tag(.str), .singleQuoted)),
            (Yams.Node("_transform"), Yams.Node("false", Tag(.bool))),
        ]
        for entity in Entity.allCases {
            let rows = state.rows(entity).map { flat(entity, $0) }
            if !rows.isEmpty {
                pairs.append((Yams.Node(entity.rawValue), Yams.Node(rows.map(node))))
            }
        }
        do {
            return try Yams.serialize(node: Yams.Node(pairs))
        } catch {
            return "_format_version: '3.0'\n_transform: false\n"
        }
    }

    /// 32 hexadecimal digits that change with the configuration; zeros if it is empty.
    static func hash(of state: KongState) -> String {
        let tables = Entity.allCases.map { entity in
            LuaValue.array(state.rows(entity).map { row in
                // Loading the same text twice must give the same hash.
                .table(row.filter { $0.key != "created_at" && $0.key != "updated_at" })
            })
        }
        guard tables.contains(where: \.isFilled) else { return String(repeating: "0", count: 32) }
        return UUIDText.format(Array(SHA1.digest(of: LuaValue.array(tables).json).prefix(16)))
            .replacing("-", with: "")
    }

    /// A foreign key is written as the id alone.
    private static func flat(_ entity: Entity, _ row: Row) -> LuaValue {
        var copy = row
        for (field, _) in entity.references {
            if let id = row.reference(field) { copy[field] = .string(id) }
        }
        return .table(copy)
    }

    private static func node(_ value: LuaValue) -> Yams.Node {
        switch value {
        case .null: Yams.Node("~", Tag(.null))
        case .bool(let flag): Yams.Node(flag ? "true" : "false", Tag(.bool))
        case .number(let number):
            Yams.Node(
                LuaValue.digits(of: number), Tag(Int(exactly: number) == nil ? .float : .int))
        case .string(let text): Yams.Node(text, Tag(.str))
        case .array(let list): Yams.Node(list.map(node))
        case .table(let row):
            Yams.Node(row.keys.sorted().map { (Yams.Node($0), node(row[$0] ?? .null)) })
        }
    }
}
