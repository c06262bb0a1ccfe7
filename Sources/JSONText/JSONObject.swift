/// Members in the order in which they were written, each name once.
///
/// Names are told apart by their bytes: Swift's `==` would take `é` and `e` + accent for one name.
public struct JSONObject: Sendable {
    public typealias Member = (name: String, value: JSONValue)

    fileprivate struct Entry: Sendable {
        let mark: NameMark
        let name: String
        var value: JSONValue
    }

    /// In order.
    private var entries: [Entry] = []
    /// Where each name is; empty while a scan of the names is faster.
    private var places: [NameBytes: Int] = [:]

    private static let scannable = 16
    /// Members for which there is room from the first on: few objects have more.
    private static let usual = 8

    public init() {}

    /// A name given twice keeps its first place and its last value.
    public init(_ pairs: some Sequence<(String, JSONValue)>) {
        for (name, value) in pairs { self[name] = value }
    }

    /// A name given twice keeps its first place and its last value.
    public init(_ pairs: KeyValuePairs<String, JSONValue>) {
        for (name, value) in pairs { self[name] = value }
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    /// Names in order.
    public var names: [String] { entries.map(\.name) }

    /// The member of that name. Setting `nil` removes it; a JSON null is `.some(.null)`.
    public subscript(_ name: String) -> JSONValue? {
        get { place(of: name, NameMark(name)).map { entries[$0].value } }
        set {
            let mark = NameMark(name)
            switch (place(of: name, mark), newValue) {
            case (let place?, let value?): entries[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(name, value, mark)
            case (nil, nil): break
            }
        }
    }

    public func contains(_ name: String) -> Bool { contains(name, NameMark(name)) }

    /// - Parameter mark: The name's.
    func contains(_ name: String, _ mark: NameMark) -> Bool { place(of: name, mark) != nil }

    /// Adds a member whose name the caller knows to be free.
    ///
    /// - Parameter mark: The name's.
    mutating func append(_ name: String, _ value: JSONValue, _ mark: NameMark) {
        if entries.isEmpty { entries.reserveCapacity(Self.usual) }
        entries.append(Entry(mark: mark, name: name, value: value))
        if !places.isEmpty {
            places[NameBytes(name)] = entries.count - 1
        } else if entries.count > Self.scannable {
            index()
        }
    }

    private mutating func remove(at place: Int) {
        entries.remove(at: place)
        places = [:]
        if entries.count > Self.scannable { index() }
    }

    private mutating func index() {
        places.reserveCapacity(entries.count * 2)
        for (place, entry) in entries.enumerated() { places[NameBytes(entry.name)] = place }
    }

    private func place(of name: String, _ mark: NameMark) -> Int? {
        guard places.isEmpty else { return places[NameBytes(name)] }
        for place in entries.indices where entries[place].mark == mark {
            if mark.isWhole || entries[place].name.hasSameBytes(as: name) { return place }
        }
        return nil
    }
}

extension JSONObject: Equatable {
    /// Order does not matter.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.allSatisfy { member in right[member.name] == member.value }
    }
}

extension JSONObject: Sequence {
    public struct Iterator: IteratorProtocol {
        fileprivate var entries: IndexingIterator<[Entry]>

        public mutating func next() -> Member? {
            entries.next().map { ($0.name, $0.value) }
        }
    }

    public func makeIterator() -> Iterator { Iterator(entries: entries.makeIterator()) }

    public var underestimatedCount: Int { entries.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// A name hashed and compared by its bytes.
private struct NameBytes: Hashable {
    let name: String

    init(_ name: String) { self.name = name }

    static func == (left: NameBytes, right: NameBytes) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
    }
}

extension String {
    /// Whether both are the same text byte by byte, where `==` looks at what the bytes mean.
    func hasSameBytes(as other: String) -> Bool {
        let (one, two) = (utf8Span.span, other.utf8Span.span)
        guard one.count == two.count else { return false }
        for place in one.indices where one[place] != two[place] { return false }
        return true
    }
}
