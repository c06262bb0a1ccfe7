/// Where in a JSON text something is (RFC 6901), as error reports name it: `/steps/0/percent`.
public struct JSONPointer: Sendable, Hashable {
    public enum Token: Sendable, Hashable {
        case name(String)
        case index(Int)
    }

    public private(set) var tokens: [Token] = []

    /// The whole text.
    public static let root = JSONPointer()

    public init() {}
    public init(_ tokens: [Token]) { self.tokens = tokens }

    public mutating func append(_ name: String) { tokens.append(.name(name)) }
    public mutating func append(_ index: Int) { tokens.append(.index(index)) }

    public func appending(_ name: String) -> JSONPointer { appending(.name(name)) }
    public func appending(_ index: Int) -> JSONPointer { appending(.index(index)) }

    private func appending(_ token: Token) -> JSONPointer {
        var longer = JSONPointer()
        longer.tokens.reserveCapacity(tokens.count + 1)
        longer.tokens += tokens
        longer.tokens.append(token)
        return longer
    }
}

extension JSONPointer: CustomStringConvertible {
    /// Empty for the whole text; `~` is written `~0` and `/` `~1` inside names.
    public var description: String {
        var text = ""
        for token in tokens {
            text += "/"
            switch token {
            case .index(let index): text += String(index)
            case .name(let name):
                for scalar in name.unicodeScalars {
                    switch scalar {
                    case "~": text += "~0"
                    case "/": text += "~1"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
        }
        return text
    }
}

extension JSONValue {
    /// What stands at `pointer`; `nil` when nothing does.
    public subscript(_ pointer: JSONPointer) -> JSONValue? {
        var found: JSONValue? = self
        for token in pointer.tokens {
            switch token {
            case .name(let name): found = found?[name]
            case .index(let index): found = found?[index]
            }
        }
        return found
    }
}
