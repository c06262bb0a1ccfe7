/// The verbs on entities.
extension AdminAPI {
    private func change(_ entity: Entity, _ row: Row) -> KongChange {
        switch entity {
        case .services, .routes, .plugins: .routing
        case .upstreams: .upstream(row.id)
        case .targets: .targets(row.reference("upstream") ?? "")
        }
    }

    func create(
        _ entity: Entity, _ body: Row, _ state: inout KongState, _ changes: inout [KongChange]
    ) throws(KongFault) -> AdminAnswer {
        let row = try state.insert(entity, body, in: world)
        changes.append(change(entity, row))
        return .created(row)
    }

    func item(
        _ method: String, _ entity: Entity, _ key: EntityKey, _ body: Row,
        _ state: inout KongState, _ changes: inout [KongChange]
    ) throws(KongFault) -> AdminAnswer {
        switch method {
        case "PUT":
            let row = try state.upsert(entity, key, body, in: world)
            changes.append(change(entity, row))
            return .ok(row)
        case "PATCH":
            if entity == .plugins, state.row(entity, key) == nil { throw .notFound }
            let row = try state.update(entity, key, body, in: world)
            changes.append(change(entity, row))
            return .ok(row)
        case "DELETE":
            if let row = state.row(entity, key) {
                try state.delete(entity, key)
                changes.append(change(entity, row))
            }
            return .noContent
        default:
            guard let row = state.row(entity, key) else { throw .notFound }
            return .ok(row)
        }
    }

    func nestedItem(
        _ method: String, _ owner: Row?, _ child: Entity, _ field: String, _ key: EntityKey,
        _ body: Row, _ state: inout KongState, _ changes: inout [KongChange]
    ) throws(KongFault) -> AdminAnswer {
        guard let owner else { throw .notFound }
        let present = Self.child(key, child, field, owner, state)
        if method == "PUT", child != .targets {
            var body = body
            body[field] = .table(["id": .string(owner.id)])
            return try item(method, child, key, body, &state, &changes)
        }
        guard let present else { throw .notFound }
        // PUT of a target is Kong's PATCH: it never makes one.
        let verb = child == .targets && method == "PUT" ? "PATCH" : method
        return try item(verb, child, .id(present.id), body, &state, &changes)
    }

    private static func child(
        _ key: EntityKey, _ child: Entity, _ field: String, _ owner: Row, _ state: KongState
    ) -> Row? {
        state.children(child, of: field, id: owner.id).first { row in
            switch key {
            case .id(let id): row.id == id
            case .unique(let field, let value): row[field]?.text == value
            }
        }
    }

    func ownerItem(
        _ method: String, _ row: Row?, _ entity: Entity, _ field: String, _ parent: Entity,
        _ body: Row, _ state: inout KongState, _ changes: inout [KongChange]
    ) throws(KongFault) -> AdminAnswer {
        guard let row else { throw .notFound }
        if let id = row.reference(field) {
            if method == "DELETE" { throw .methodNotAllowed }
            return try item(method, parent, .id(id), body, &state, &changes)
        }
        guard method == "PUT" else { throw .notFound }
        let made = try item(method, parent, .id(world.newID()), body, &state, &changes)
        if case .json(.table(let owner)) = made.body {
            _ = try state.update(
                entity, .id(row.id), [field: .table(["id": .string(owner.id)])], in: world)
        }
        return made
    }

    func list(
        _ entity: Entity, _ rows: [Row], at path: String, _ request: AdminRequest
    ) throws(KongFault) -> AdminAnswer {
        let filter = try TagFilter(request.query)
        let accepted = rows.filter { filter?.accepts($0) ?? true }
        return try page(accepted, at: path, request, keeping: ["tags", "size"])
    }

    /// - Parameter keeping: The arguments that the link to the next page repeats.
    func page(
        _ rows: [Row], at path: String, _ request: AdminRequest, keeping: [String],
        by key: (Row) -> String = { $0.id }
    ) throws(KongFault) -> AdminAnswer {
        let paging = try Paging(request.query)
        let (page, next) = paging.page(rows, by: key)
        var answer: Row = ["data": .array(page.map(LuaValue.table)), "next": .null]
        if let next {
            let kept = keeping.compactMap { name in
                request.query[name].map { "&\(name)=\(PercentEncoding.encode($0))" }
            }
            answer["offset"] = .string(next)
            answer["next"] = .string("\(path)?offset=\(next)\(kept.joined())")
        }
        return .ok(answer)
    }

    /// Targets have pages of their own: newest first, counted.
    func targetPage(
        _ rows: [Row], at path: String, _ request: AdminRequest
    ) throws(KongFault) -> Row {
        var size = Paging.standard
        if let text = request.query["size"] {
            guard let number = Double(text) else { throw .invalidSize("size must be a number") }
            size = Int(min(max(number, 0), Double(Paging.greatest)))
        }
        var offset = 0
        if let text = request.query["offset"] {
            guard let number = Int(text), number >= 0 else {
                throw .invalidOffset(text, "bad offset")
            }
            offset = number
        }
        _ = try TagFilter(request.query)
        let page = rows.dropFirst(offset).prefix(size)
        var answer: Row = ["data": .array(page.map(LuaValue.table)), "next": .null]
        if rows.count > offset + size {
            answer["offset"] = .string(String(offset + size))
            answer["next"] = .string("\(path)?offset=\(offset + size)")
        }
        return answer
    }

    func targetList(
        _ rows: [Row], at path: String, _ request: AdminRequest
    ) throws(KongFault) -> AdminAnswer {
        .ok(try targetPage(rows, at: path, request))
    }

    func tags(
        _ tag: String?, _ request: AdminRequest, _ state: KongState
    ) throws(KongFault) -> AdminAnswer {
        if let tag, let refusal = TextRules.tag(tag) { throw .schemaViolation(["tag": .string(refusal)]) }
        var rows: [Row] = []
        for entity in Entity.allCases {
            for row in state.rows(entity) {
                for name in row["tags"]?.strings ?? [] where tag == nil || tag == name {
                    rows.append([
                        "tag": .string(name), "entity_name": .string(entity.rawValue),
                        "entity_id": .string(row.id),
                    ])
                }
            }
        }
        func key(_ row: Row) -> String {
            "\(row["entity_id"]?.text ?? "") \(row["tag"]?.text ?? "")"
        }
        let path = tag.map { "/tags/\(PercentEncoding.encode($0))" } ?? "/tags"
        return try page(
            rows.sorted { key($0) < key($1) }, at: path, request,
            keeping: tag == nil ? ["size"] : [], by: key)
    }
}

/// Percent escapes for everything that is not unreserved (RFC 3986 §2.3).
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if ASCII.isAlphanumeric(byte) || "-._~".utf8.contains(byte) {
                encoded.append(Character(UnicodeScalar(byte)))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return encoded
    }
}
