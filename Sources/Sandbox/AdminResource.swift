/// What a path of the Admin API names.
enum AdminResource: Equatable, Sendable {
    case root
    case status
    case config
    case enabledPlugins
    case tags
    case tag(String)
    case collection(Entity)
    case item(Entity, EntityKey)
    /// `/services/{s}/routes`
    case nested(parent: Entity, key: String, child: Entity, field: String)
    /// `/services/{s}/routes/{r}`
    case nestedItem(parent: Entity, key: String, child: Entity, field: String, childKey: EntityKey)
    /// `/routes/{r}/service`
    case owner(of: Entity, key: EntityKey, field: String, parent: Entity)
    case allTargets(upstream: String)
    case upstreamHealth(upstream: String)
    /// `/upstreams/{u}/targets/{t}/healthy`, with or without one address of the target.
    case mark(upstream: String, target: String, address: String?, isHealthy: Bool)

    init?(path: [String]) {
        switch path.count {
        case 0: self = .root
        case 1: self.init(one: path[0])
        case 2: self.init(path[0], path[1])
        case 3: self.init(path[0], path[1], path[2])
        case 4...6 where path[0] == "upstreams" && path[2] == "targets" && path.count > 4:
            guard path[path.count - 1] == "healthy" || path[path.count - 1] == "unhealthy" else {
                return nil
            }
            self = .mark(
                upstream: path[1], target: path[3], address: path.count == 6 ? path[4] : nil,
                isHealthy: path[path.count - 1] == "healthy")
        case 4:
            guard let nested = Self.relation(path[0], path[2]) else { return nil }
            if nested.child == .targets, path[3] == "all" {
                self = .allTargets(upstream: path[1])
            } else {
                self = .nestedItem(
                    parent: nested.parent, key: path[1], child: nested.child, field: nested.field,
                    childKey: nested.child.key(path[3]))
            }
        default: return nil
        }
    }

    private init?(one name: String) {
        switch name {
        case "status": self = .status
        case "config": self = .config
        case "tags": self = .tags
        default:
            guard let entity = Entity(rawValue: name), entity != .targets else { return nil }
            self = .collection(entity)
        }
    }

    private init?(_ name: String, _ key: String) {
        switch (name, key) {
        case ("plugins", "enabled"): self = .enabledPlugins
        case ("tags", _): self = .tag(key)
        default:
            guard let entity = Entity(rawValue: name), entity != .targets else { return nil }
            self = .item(entity, entity.key(key))
        }
    }

    private init?(_ name: String, _ key: String, _ last: String) {
        if name == "upstreams", last == "health" {
            self = .upstreamHealth(upstream: key)
        } else if let nested = Self.relation(name, last) {
            self = .nested(
                parent: nested.parent, key: key, child: nested.child, field: nested.field)
        } else if let entity = Entity(rawValue: name), entity != .targets,
            let reference = entity.references.first(where: { $0.field == last }),
            let parent = Entity(rawValue: reference.entity)
        {
            self = .owner(of: entity, key: entity.key(key), field: last, parent: parent)
        } else {
            return nil
        }
    }

    private static func relation(
        _ parentName: String, _ childName: String
    ) -> (parent: Entity, child: Entity, field: String)? {
        guard let parent = Entity(rawValue: parentName), let child = Entity(rawValue: childName),
            let reference = child.references.first(where: { $0.entity == parentName })
        else { return nil }
        return (parent, child, reference.field)
    }

    /// The methods it knows, besides OPTIONS.
    var methods: [String] {
        switch self {
        case .root, .status, .enabledPlugins, .tags, .tag, .allTargets, .upstreamHealth:
            ["GET", "HEAD"]
        case .config, .collection, .nested: ["GET", "HEAD", "POST"]
        case .item, .nestedItem, .owner: ["DELETE", "GET", "HEAD", "PATCH", "PUT"]
        case .mark: ["PUT"]
        }
    }

    /// Whether an answer needs the database.
    var needsDatabase: Bool {
        switch self {
        case .root, .status, .config, .enabledPlugins: false
        case .tags, .tag, .collection, .item, .nested, .nestedItem, .owner, .allTargets,
            .upstreamHealth, .mark:
            true
        }
    }

    /// The entity whose fields a body names.
    var bodyEntity: Entity? {
        switch self {
        case .collection(let entity), .item(let entity, _): entity
        case .nested(_, _, let child, _), .nestedItem(_, _, let child, _, _): child
        case .owner(_, _, _, let parent): parent
        case .root, .status, .config, .enabledPlugins, .tags, .tag, .allTargets,
            .upstreamHealth, .mark:
            nil
        }
    }
}

extension Entity {
    func key(_ text: String) -> EntityKey {
        UUIDText.isValid(text)
            ? .id(text.lowercased()) : .unique(field: endpointField, value: text)
    }
}
