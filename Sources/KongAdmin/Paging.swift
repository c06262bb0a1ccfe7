/// One page to be asked for.
public struct Page: Sendable, Hashable {
    /// Entities a page, 1...1000.
    public let size: Int
    /// Where it begins: what the page before said; nil for the first.
    public let offset: String?

    public init(size: Int = PageBounds.standard.size, offset: String? = nil) {
        self.size = min(max(size, 1), 1000)
        self.offset = offset
    }
}

/// How far a list is followed.
///
/// A list that is longer throws ``AdminError/limitExceeded(_:)``: it is never cut short in silence.
public struct PageBounds: Sendable, Hashable {
    /// Entities a page, 1...1000.
    public let size: Int
    /// Pages a list, at least 1.
    public let pages: Int

    public init(size: Int, pages: Int) {
        self.size = min(max(size, 1), 1000)
        self.pages = max(pages, 1)
    }

    /// 200 pages of 500: 100,000 entities.
    public static let standard = PageBounds(size: 500, pages: 200)
}

/// One page as Kong answers it.
///
/// `next` is not followed as a link: below a base path it names a path that is not ours.
struct PageAnswer<Entity: Decodable>: Decodable {
    let data: LuaList<Entity>
    let offset: String?
}

/// A list from Lua, whose empty table may have been written as `{}`.
struct LuaList<Element: Decodable>: Decodable {
    let elements: [Element]

    init(from decoder: any Decoder) throws {
        do {
            elements = try decoder.singleValueContainer().decode([Element].self)
        } catch let notAnArray {
            let members = try decoder.container(keyedBy: AnyKey.self)
            guard members.allKeys.isEmpty else { throw notAnArray }
            elements = []
        }
    }
}

/// Any key of an object.
struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

extension AdminClient {
    /// Every page of a list, in Kong's order.
    func all<Entity: Decodable>(
        _ type: Entity.Type, _ path: String, _ tags: TagFilter? = nil
    ) async throws(AdminError) -> [Entity] {
        var entities: [Entity] = []
        var seen: Set<String> = []
        var offset: String?
        for _ in 0..<bounds.pages {
            let call = AdminCall.list(path, tags, Page(size: bounds.size, offset: offset))
            let page = try await answer(PageAnswer<Entity>.self, to: call)
            entities += page.data.elements
            guard let next = page.offset else { return entities }
            guard seen.insert(next).inserted else {
                throw .unreadable("\(place(call)): the list of Kong runs in a circle.")
            }
            offset = next
        }
        throw .limitExceeded(
            "GET \(path) at \(endpoint): more than \(bounds.pages) pages of \(bounds.size); "
                + "narrow it by tags or raise the bounds.")
    }

    /// Nil when what the list belongs to is not there.
    func allIfPresent<Entity: Decodable>(
        _ type: Entity.Type, _ path: String
    ) async throws(AdminError) -> [Entity]? {
        do throws(AdminError) {
            return try await all(type, path)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }
}
