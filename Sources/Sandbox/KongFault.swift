/// An error answer of the Admin API, in Kong's own words.
struct KongFault: Error, Equatable {
    let status: Int
    let body: Row

    private init(status: Int, code: Int, name: String, message: String, fields: Row? = nil) {
        self.status = status
        var body: Row = [
            "code": .integer(code), "name": .string(name), "message": .string(message),
        ]
        if let fields { body["fields"] = .table(fields) }
        self.body = body
    }

    private init(status: Int, message: String) {
        self.status = status
        body = ["message": .string(message)]
    }

    static let notFound = KongFault(status: 404, message: "Not found")
    static let methodNotAllowed = KongFault(status: 405, message: "Method not allowed")
    static let unexpected = KongFault(status: 500, message: "An unexpected error occurred")
    static let badJSON = KongFault(status: 400, message: "Cannot parse JSON body")

    static func refused(_ message: String) -> KongFault { KongFault(status: 400, message: message) }

    /// - Parameter errors: field → text, list of texts by position, or nested table; texts about
    ///   the whole entity under `@entity`.
    static func schemaViolation(_ errors: Row) -> KongFault {
        var texts = errors["@entity"]?.strings ?? []
        for field in errors.keys.sorted() where field != "@entity" {
            texts += lines(field, errors[field] ?? .null)
        }
        let message = texts.count == 1
            ? "schema violation (\(texts[0]))"
            : "\(texts.count) schema violations (\(texts.joined(separator: "; ")))"
        return KongFault(
            status: 400, code: 2, name: "schema violation", message: message, fields: errors)
    }

    private static func lines(_ field: String, _ error: LuaValue) -> [String] {
        func line(_ key: String, _ value: LuaValue) -> String {
            "\(field).\(key): \(value.text ?? value.pretty(indent: "  "))"
        }
        return switch error {
        case .string(let text): ["\(field): \(text)"]
        case .array(let list):
            list.enumerated().filter { !$0.element.isNull }.map { line("\($0 + 1)", $1) }
        case .table(let row): row.keys.sorted().map { line($0, row[$0] ?? .null) }
        case .null, .bool, .number: []
        }
    }

    static func primaryKeyViolation(_ id: String) -> KongFault {
        let key: Row = ["id": .string(id)]
        return KongFault(
            status: 400, code: 3, name: "primary key violation",
            message: "primary key violation on key '\(LuaValue.table(key).pretty())'", fields: key)
    }

    static func invalidReference(_ field: String, id: String, entity: String) -> KongFault {
        let key: Row = ["id": .string(id)]
        let text = "the foreign key '\(LuaValue.table(key).pretty())' does not reference an "
            + "existing '\(entity)' entity."
        return KongFault(
            status: 400, code: 4, name: "foreign key violation", message: text,
            fields: [field: .table(key)])
    }

    static func stillReferenced(_ parent: String, by child: String) -> KongFault {
        KongFault(
            status: 400, code: 4, name: "foreign key violation",
            message: "an existing '\(child)' entity references this '\(parent)' entity",
            fields: ["@referenced_by": .string(child)])
    }

    static func uniqueViolation(_ key: Row) -> KongFault {
        KongFault(
            status: 409, code: 5, name: "unique constraint violation",
            message: "UNIQUE violation detected on '\(LuaValue.table(key).pretty())'", fields: key)
    }

    static func noEntity(_ key: EntityKey) -> KongFault {
        let fields: Row
        let text: String
        switch key {
        case .id(let id):
            fields = ["id": .string(id)]
            text = "could not find the entity with primary key"
        case .unique(let field, let value):
            fields = [field: .string(value)]
            text = "could not find the entity with"
        }
        return KongFault(
            status: 404, code: 6, name: "not found",
            message: "\(text) '\(LuaValue.table(fields).pretty())'", fields: fields)
    }

    static func invalidOffset(_ offset: String, _ reason: String) -> KongFault {
        KongFault(
            status: 400, code: 7, name: "invalid offset",
            message: "'\(offset)' is not a valid offset: \(reason)")
    }

    static func invalidSize(_ text: String) -> KongFault {
        KongFault(status: 400, code: 9, name: "invalid size", message: text)
    }

    static func invalidTags(_ reason: String) -> KongFault {
        var fault = KongFault(
            status: 400, code: 11, name: "invalid options",
            message: "invalid option (tags: \(reason))")
        fault = fault.adding("options", .table(["tags": .string(reason)]))
        return fault
    }

    static func unsupported(_ verb: String, _ entity: String, by field: String? = nil) -> KongFault {
        let key = field.map { " by '\($0)'" } ?? ""
        return KongFault(
            status: 405, code: 12, name: "operation unsupported",
            message: "cannot \(verb) '\(entity)' entities\(key) when not using a database")
    }

    static func unresolvedReference(_ field: String, name: String, entity: String) -> KongFault {
        let key = LuaValue.table(["name": .string(name)]).pretty()
        let text = "the foreign key cannot be resolved with '\(key)' for an existing "
            + "'\(entity)' entity"
        return KongFault(
            status: 400, code: 13, name: "foreign keys unresolved",
            message: "foreign key unresolved (\(field).name: \(text))",
            fields: [field: .table(["name": .string(text)])])
    }

    static func invalidConfiguration(_ errors: Row) -> KongFault {
        KongFault(
            status: 400, code: 14, name: "invalid declarative configuration",
            message: "declarative config is invalid: \(LuaValue.table(errors).pretty())",
            fields: errors)
    }

    func adding(_ name: String, _ value: LuaValue) -> KongFault {
        KongFault(status: status, body: body.merging([name: value]) { $1 })
    }

    private init(status: Int, body: Row) {
        self.status = status
        self.body = body
    }
}

/// How a request names one entity.
enum EntityKey: Equatable, Sendable {
    case id(String)
    /// By the field that is unique, such as `name`.
    case unique(field: String, value: String)
}
