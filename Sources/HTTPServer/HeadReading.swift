internal import CMicroHTTPD
internal import Glibc
internal import HTTPMessage
internal import HTTPTypes

/// The head of a request, audited: libmicrohttpd 0.9.75 lets pass what another server before or
/// behind it would read in another way.
struct HeadReading {
    let head: RequestHead
    let expectsContinue: Bool

    /// - Parameters:
    ///   - target: as sent; `nil` if it is not UTF-8.
    init(
        _ connection: OpaquePointer, method name: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>, target: Target, client: Connection
    ) throws(ServerFault) {
        var audit = shim_head()
        shim_audit(connection, name, version, &audit)
        let limits = client.service.limits
        guard audit.flat_bytes <= limits.headerBytes, audit.count <= limits.headerCount else {
            throw .headersTooLarge(limit: limits.headerBytes)
        }
        // A NUL in one of them hides what is behind it.
        guard UInt(bitPattern: name + strlen(name)) + 1 == target.place.lowerBound,
            UInt(bitPattern: version) == target.place.upperBound + 1
        else { throw .malformed("the request line is not of three words, one space apart") }
        try Self.check(audit, version: version)
        let method = try Self.method(name)
        let path = try target.path(for: method)
        var flat = [UInt8](repeating: 0, count: audit.flat_bytes)
        flat.withUnsafeMutableBytes { shim_copy_fields(connection, &audit, $0.baseAddress) }
        head = RequestHead(
            method: method, path: path, query: target.query,
            headers: RequestHeaders(flat: flat), peer: client.peer,
            isSecure: client.service.isSecure,
            contentLength: audit.lengths == 1 ? Int(audit.content_length) : nil,
            isChunked: audit.codings > 0)
        expectsContinue = audit.expects_continue
    }

    private static func check(
        _ audit: shim_head, version: UnsafePointer<CChar>
    ) throws(ServerFault) {
        switch audit.fault {
        case Int32(SHIM_SOUND.rawValue): break
        case Int32(SHIM_BAD_NAME.rawValue): throw .malformed("a header's name is not a token")
        case Int32(SHIM_BAD_VALUE.rawValue):
            throw .malformed("a header's value holds a control character")
        case Int32(SHIM_FOLDED.rawValue): throw .malformed("a header is folded over lines")
        case Int32(SHIM_BAD_HOST.rawValue): throw .malformed("Host is not a host")
        case Int32(SHIM_BAD_LINE.rawValue):
            throw .malformed("a header's line has no name, holds a NUL, or does not end in CRLF")
        default: throw .malformed("Content-Length is not a number")
        }
        let isModern = strcmp(version, "HTTP/1.1") == 0
        guard isModern || strcmp(version, "HTTP/1.0") == 0 else {
            throw .malformed("the version is neither HTTP/1.1 nor HTTP/1.0")
        }
        guard audit.hosts == 1 || (audit.hosts == 0 && !isModern) else {
            throw .malformed(audit.hosts == 0 ? "Host is missing" : "Host is repeated")
        }
        guard audit.lengths <= 1 else { throw .malformed("Content-Length is repeated") }
        guard audit.codings > 0 else { return }
        guard audit.lengths == 0 else {
            throw .malformed("both Content-Length and Transfer-Encoding are given")
        }
        guard isModern else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
        guard audit.codings == 1 else { throw .malformed("Transfer-Encoding is repeated") }
        guard audit.chunked else { throw .unsupportedTransferCoding }
    }

    private static func method(
        _ name: UnsafePointer<CChar>
    ) throws(ServerFault) -> HTTPRequest.Method {
        switch shim_method(name) {
        case 0: return .get
        case 1: return .head
        case 2: return .post
        case 3: return .put
        case 4: return .patch
        case 5: return .delete
        case 6: return .options
        default:
            guard let other = HTTPRequest.Method(String(cString: name)) else {
                throw .malformed("the method is not a token")
            }
            return other
        }
    }
}
