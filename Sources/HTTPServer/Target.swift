internal import CMicroHTTPD
internal import HTTPMessage
internal import HTTPTypes

/// The target of a request line, raw, split at its first `?`.
struct Target: Sendable {
    enum Form: Sendable {
        case sound
        case tooLong
        /// Holds a space, a control character, a `#` or what is not UTF-8.
        case unreadable
    }

    private(set) var form = Form.sound
    private(set) var beforeQuery = ""
    private(set) var query: String?
    /// Where it stands in the library's buffer.
    private(set) var place: Range<UInt> = 0..<0

    init(_ text: UnsafePointer<CChar>?, limit: Int) {
        guard let text else {
            form = .unreadable
            return
        }
        let scan = shim_scan_target(text)
        place = UInt(bitPattern: text)..<UInt(bitPattern: text + scan.length)
        guard scan.length <= limit else {
            form = .tooLong
            return
        }
        guard scan.sound else {
            form = .unreadable
            return
        }
        let bytes = UnsafeRawBufferPointer(start: text, count: scan.length)
        // ASCII needs no second look; decoding what was validated repairs nothing.
        guard scan.ascii || String(validating: bytes, as: UTF8.self) != nil else {
            form = .unreadable
            return
        }
        let start = UnsafeRawBufferPointer(rebasing: bytes[..<scan.question])
        beforeQuery = String(decoding: start, as: UTF8.self)
        if scan.question < scan.length {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(scan.question + 1)...])
            query = String(decoding: rest, as: UTF8.self)
        }
    }

    /// The path of any form of target that an origin server must take (RFC 9112 §3.2).
    func path(for method: HTTPRequest.Method) throws(ServerFault) -> String {
        if beforeQuery.utf8.first == UInt8(ascii: "/") { return beforeQuery }
        if beforeQuery == "*", method == .options { return beforeQuery }
        for scheme in ["http://", "https://"]
        where beforeQuery.prefix(scheme.count).lowercased() == scheme {
            let rest = beforeQuery.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(of: "/") else { return "/" }
            return String(rest[slash...])
        }
        throw .malformed("the target is neither a path nor an http URL")
    }
}
