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

    /// The value of the first header of that name; `nil` if there is none.
    public subscript(name: HTTPField.Name) -> String? {
        var found: String?
        forEachRange { nameRange, valueRange in
            guard matches(nameRange, name.canonicalName) else { return true }
            found = string(valueRange)
            return false
        }
        return found
    }

    /// All values of that name in order; a value is not split at commas.
    public func values(of name: HTTPField.Name) -> [String] {
        var found: [String] = []
        forEachRange { nameRange, valueRange in
            if matches(nameRange, name.canonicalName) { found.append(string(valueRange)) }
            return true
        }
        return found
    }

    /// Every header in order.
    public var all: [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        forEachRange { nameRange, valueRange in
            found.append((string(nameRange), string(valueRange)))
            return true
        }
        return found
    }

    /// Calls `body` until it answers false.
    private func forEachRange(_ body: (Range<Int>, Range<Int>) -> Bool) {
        text.withUnsafeBufferPointer { bytes in
            var start = 0
            while let nameEnd = Self.indexOfNUL(bytes, from: start),
                let valueEnd = Self.indexOfNUL(bytes, from: nameEnd + 1)
            {
                guard body(start..<nameEnd, (nameEnd + 1)..<valueEnd) else { return }
                start = valueEnd + 1
            }
        }
    }

    private static func indexOfNUL(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0 { return index }
            index += 1
        }
        return nil
    }

    private func matches(_ range: Range<Int>, _ lowercased: String) -> Bool {
        guard range.count == lowercased.utf8.count else { return false }
        return zip(text[range], lowercased.utf8).allSatisfy { sent, wanted in
            (65...90).contains(sent) ? sent + 32 == wanted : sent == wanted
        }
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: text[range], as: UTF8.self)
    }
}
