/// Members in the order in which they were written, each name once.
///
/// Names are told apart by their bytes: Swift's `==` would take `é` and `e` + accent for one name.
public struct JSONObject: Sendable {
    public typealias Member = (name: String, value: JSONValue)

    /// Names in order.
    public private(set) var names: [String] = []
    /// Values in the order of the names.
    public private(set) var values: [JSONValue] = []
    /// Where each name is; empty while a scan of the names is faster.
    private var places: [NameBytes: Int] = [:]

    private static let scannable = 12

    public init() {}

    /// A name given twice keeps its first place and its last value.
    public init(_ pairs: some Sequence<(String, JSONValue)>) {
        for (name, value) in pairs { self[name] = value }
    }

    /// A name given twice keeps its first place and its last value.
    public init(_ pairs: KeyValuePairs<String, JSONValue>) {
        for (name, value) in pairs { self[name] = value }
    }

    public var count: Int { names.count }
    public var isEmpty: Bool { names.isEmpty }

    /// The member of that name. Setting `nil` removes it; a JSON null is `.some(.null)`.
    public subscript(_ name: String) -> JSONValue? {
        get { place(of: name).map { values[$0] } }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    public func contains(_ name: String) -> Bool { place(of: name) != nil }

    /// Adds a member whose name the caller knows to be free.
    mutating func append(_ name: String, _ value: JSONValue) {
        names.append(name)
        values.append(value)
        if !places.isEmpty {
            places[NameBytes(name)] = names.count - 1
        } else if names.count > Self.scannable {
            index()
        }
    }

    private mutating func remove(at place: Int) {
        names.remove(at: place)
        values.remove(at: place)
        places = [:]
        if names.count > Self.scannable { index() }
    }

    private mutating func index() {
        places.reserveCapacity(names.count * 2)
        for (place, name) in names.enumerated() { places[NameBytes(name)] = place }
    }

    private func place(of name: String) -> Int? {
        guard places.isEmpty else { return places[NameBytes(name)] }
        return names.firstIndex { $0.hasSameBytes(as: name) }
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
    public func makeIterator() -> AnyIterator<Member> {
        var next = 0
        return AnyIterator {
            guard next < names.count else { return nil }
            defer { next += 1 }
            return (names[next], values[next])
        }
    }

    public var underestimatedCount: Int { names.count }
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
    func hasSameBytes(as other: String) -> Bool {
        // Equal bytes imply `==`, which is one memory comparison in the usual case.
        self == other && utf8.elementsEqual(other.utf8)
    }
}
