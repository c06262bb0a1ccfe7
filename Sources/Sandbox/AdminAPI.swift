/// Kong's Admin API as a function: a request and the rows in, an answer and the changes out.
struct AdminAPI: Sendable {
    let world: Surroundings
    let node: NodeAccess

    /// - Parameter state: The rows; changed only when the answer says so.
    func answer(
        _ request: AdminRequest, state: inout KongState
    ) -> (answer: AdminAnswer, changes: [KongChange]) {
        var changes: [KongChange] = []
        do throws(KongFault) {
            guard let resource = AdminResource(path: request.path) else { throw .notFound }
            if request.method == "OPTIONS" {
                let allowed = (resource.methods + ["OPTIONS"]).sorted()
                return (
                    AdminAnswer(status: 204, body: .none, allow: allowed.joined(separator: ", ")),
                    []
                )
            }
            guard resource.methods.contains(request.method) else { throw .methodNotAllowed }
            if resource == .config {
                return configuration(request, state: &state)
            }
            if resource.needsDatabase, !node.isDatabaseUp { throw .unexpected }
            var body: Row = [:]
            if ["POST", "PUT", "PATCH"].contains(request.method) {
                switch Self.body(of: request, for: resource) {
                case .success(let row): body = row
                case .failure(.badJSON): throw .badJSON
                case .failure(.unsupportedMediaType): return (.unsupportedMediaType, [])
                }
            }
            let answer = try perform(request, resource, body, &state, &changes)
            return (answer, changes)
        } catch {
            return (.fault(error), [])
        }
    }

    private static func body(
        of request: AdminRequest, for resource: AdminResource
    ) -> Result<Row, BodyArguments.Refusal> {
        let schema = resource.bodyEntity.map { entity in
            entity.schema(for: [:])
        }
        return Result { () throws(BodyArguments.Refusal) in
            let row = try BodyArguments.read(request, for: schema)
            // A plugin's fields are known only once its name has been read.
            guard resource.bodyEntity == .plugins, row.name != nil else { return row }
            return try BodyArguments.read(request, for: Entity.plugins.schema(for: row))
        }
    }

    private func perform(
        _ request: AdminRequest, _ resource: AdminResource, _ body: Row,
        _ state: inout KongState, _ changes: inout [KongChange]
    ) throws(KongFault) -> AdminAnswer {
        switch resource {
        case .root: return .ok(NodeDescription.root(node))
        case .status: return .ok(NodeDescription.status(node))
        case .config: return .fault(.notFound)
        case .enabledPlugins:
            return .ok(["enabled_plugins": .array(PluginSchemas.bundled.map(LuaValue.string))])
        case .tags: return try tags(nil, request, state)
        case .tag(let tag): return try tags(tag, request, state)
        case .collection(let entity):
            if request.method == "POST" {
                return try create(entity, body, &state, &changes)
            }
            return try list(entity, state.rows(entity), at: "/\(entity.rawValue)", request)
        case .item(let entity, let key):
            return try item(request.method, entity, key, body, &state, &changes)
        case .nested(let parent, let text, let child, let field):
            guard let owner = state.row(parent, parent.key(text)) else { throw .notFound }
            if request.method == "POST" {
                var body = body
                body[field] = .table(["id": .string(owner.id)])
                return try create(child, body, &state, &changes)
            }
            let path = "/\(parent.rawValue)/\(PercentEncoding.encode(text))/\(child.rawValue)"
            if child == .targets {
                return try targetList(state.targets(of: owner.id), at: path, request)
            }
            _ = try TagFilter(request.query)
            let rows = state.children(child, of: field, id: owner.id)
            return try page(rows, at: path, request, keeping: [])
        case .nestedItem(let parent, let text, let child, let field, let key):
            return try nestedItem(
                request.method, state.row(parent, parent.key(text)), child, field, key, body,
                &state, &changes)
        case .owner(let entity, let key, let field, let parent):
            return try ownerItem(
                request.method, state.row(entity, key), entity, field, parent, body, &state,
                &changes)
        case .allTargets(let text):
            guard let owner = state.row(.upstreams, Entity.upstreams.key(text)) else {
                throw .notFound
            }
            let rows = state.children(.targets, of: "upstream", id: owner.id)
            let path = "/upstreams/\(PercentEncoding.encode(text))/targets/all"
            return try page(rows, at: path, request, keeping: [])
        case .upstreamHealth(let text):
            guard let owner = state.row(.upstreams, Entity.upstreams.key(text)) else {
                throw .notFound
            }
            return try upstreamHealth(owner, text, request, state)
        case .mark(let text, let target, let address, let isHealthy):
            guard let owner = state.row(.upstreams, Entity.upstreams.key(text)),
                let row = self.target(target, of: owner, state)
            else { throw .notFound }
            return try mark(owner, row, address, isHealthy)
        }
    }

    private func target(_ text: String, of upstream: Row, _ state: KongState) -> Row? {
        let row = state.targets(of: upstream.id).first {
            UUIDText.isValid(text) ? $0.id == text.lowercased() : $0["target"]?.text == text
        }
        return row
    }

    private func configuration(
        _ request: AdminRequest, state: inout KongState
    ) -> (answer: AdminAnswer, changes: [KongChange]) {
        guard node.isDBLess else {
            let text = "this endpoint is only available when Kong is configured to not use a "
                + "database"
            return (.fault(.refused(text)), [])
        }
        guard request.method == "POST" else {
            return (.ok(["config": .string(ConfigurationExport.yaml(of: state))]), [])
        }
        let answer = ConfigurationEndpoint(world: world, currentHash: node.configurationHash)
            .load(request, into: &state)
        return (answer, answer.status == 201 ? [.configuration] : [])
    }
}
