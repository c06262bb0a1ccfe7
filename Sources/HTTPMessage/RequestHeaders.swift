internal import Glibc
public import HTTPTypes

/// The headers of a request, kept as one flat copy of their bytes and looked up by scanning it.
///
/// A typed dictionary costs more to build than the handful of look-ups a request makes.
public struct RequestHeaders: Sendable {
    /// `name\0value\0name\0value\0…`, names as sent.
    private let text: [UInt8]

    public init() { text = [] }

    /// - Parameter flat: `name`, NUL, `value`, NUL, and so on. The caller vouches for the form.
    public init(flat: [UInt8]) { text = flat }

    public init(_ fields: [(name: String, value: String)]) {
        var flat: [UInt8] = []
        for field in fields {
            flat.append(contentsOf: field.name.utf8)
            flat.append(0)
            flat.append(contentsOf: field.value.utf8)
            flat.append(0)
        }
        text = flat
    }

    /// Whether `flat` spells these headers.
    public func isSpelled(_ flat: UnsafeRawBufferPointer) -> Bool {
        text.withUnsafeBytes { text in
            guard text.count == flat.count else { return false }
            guard let mine = text.baseAddress, let other = flat.baseAddress else { return true }
            return memcmp(mine, other, text.count) == 0
        }
    }

    /// Whether the first header of that name begins with `start`; no copy is made of it.
    public func value(of name: HTTPField.Name, startsWith start: StaticString) -> Bool {
        let wanted = name.canonicalName
        var starts = false
        forEachField { name, value in
            guard Self.matches(name, wanted) else { return true }
            let count = start.utf8CodeUnitCount
            if count <= value.count, let bytes = value.baseAddress {
                starts = memcmp(bytes, start.utf8Start, count) == 0
            }
            return false
        }
        return starts
    }

    /// The value of the first header of that name; `nil` if there is none.
    public subscript(name: HTTPField.Name) -> String? {
        let wanted = name.canonicalName
        var found: String?
        forEachField { name, value in
            guard Self.matches(name, wanted) else { return true }
            found = Self.string(value)
            return false
        }
        return found
    }

    /// All values of that name in order; a value is not split at commas.
    public func values(of name: HTTPField.Name) -> [String] {
        let wanted = name.canonicalName
        var found: [String] = []
        forEachField { name, value in
            if Self.matches(name, wanted) { found.append(Self.string(value)) }
            return true
        }
        return found
    }

    /// Every header in order.
    public var all: [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        forEachField { name, value in
            found.append((Self.string(name), Self.string(value)))
            return true
        }
        return found
    }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Calls `body` with each name and value until it answers false.
    private func forEachField(_ body: (_ name: Bytes, _ value: Bytes) -> Bool) {
        text.withUnsafeBufferPointer { bytes in
            var rest = bytes
            while let name = Self.takeUpToNUL(&rest), let value = Self.takeUpToNUL(&rest) {
                guard body(name, value) else { return }
            }
        }
    }

    private static func takeUpToNUL(_ rest: inout Bytes) -> Bytes? {
        guard let start = rest.baseAddress, let end = memchr(start, 0, rest.count) else {
            return nil
        }
        let count = end - UnsafeMutableRawPointer(mutating: start)
        defer { rest = Bytes(start: start + count + 1, count: rest.count - count - 1) }
        return Bytes(start: start, count: count)
    }

    private static func matches(_ sent: Bytes, _ lowercased: String) -> Bool {
        guard sent.count == lowercased.utf8.count else { return false }
        var index = 0
        for wanted in lowercased.utf8 {
            let byte = sent[index]
            guard ((65...90).contains(byte) ? byte + 32 : byte) == wanted else { return false }
            index += 1
        }
        return true
    }

    private static func string(_ bytes: Bytes) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
