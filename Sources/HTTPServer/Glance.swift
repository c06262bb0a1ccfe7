internal import CMicroHTTPD
internal import Glibc
internal import HTTPMessage

/// The short way of a GET with neither query nor body: an answer from memory is sent without an
/// ``Exchange``, which costs more than all the rest that such a request needs.
///
/// What is not answered so goes the long way from its first call on, and nobody can tell. The
/// context of a request on the short way is nothing at first and then a ``ResponseHandle``, marked
/// by its lowest bit, which no address of an object has.
enum Glance {
    private static let mark: UInt = 1

    static func isAnswer(_ context: UnsafeMutableRawPointer) -> Bool {
        UInt(bitPattern: context) & mark != 0
    }

    /// The head was read: the answer, or an exchange; `nil` if the connection was cut meanwhile.
    static func first(
        _ pointer: OpaquePointer, target: UnsafePointer<CChar>, method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) -> UnsafeMutableRawPointer? {
        guard let context = shim_connection_context(pointer) else { return nil }
        return Unmanaged<Connection>.fromOpaque(context)._withUnsafeGuaranteedRef { connection in
            guard let started = connection.glance() else { return nil }
            if let answer = answer(
                pointer, connection, target: target, method: method, version: version)
            {
                let address = UInt(bitPattern: Unmanaged.passRetained(answer).toOpaque())
                return UnsafeMutableRawPointer(bitPattern: address | mark)
            }
            let exchange = Exchange(
                target: Target(target, limit: connection.service.limits.targetBytes),
                handle: ConnectionHandle(pointer: pointer), connection: connection,
                started: started)
            connection.begin(exchange)
            return Unmanaged.passRetained(exchange).toOpaque()
        }
    }

    /// The request is whole.
    static func last(
        _ pointer: OpaquePointer, _ context: UnsafeMutableRawPointer
    ) -> MHD_Result {
        handle(context)._withUnsafeGuaranteedRef {
            MHD_queue_response(pointer, $0.status, $0.pointer)
        }
    }

    /// The library is done with the request.
    static func complete(_ pointer: OpaquePointer, _ context: UnsafeMutableRawPointer?) {
        if let context { handle(context).release() }
        guard let connection = shim_connection_context(pointer) else { return }
        Unmanaged<Connection>.fromOpaque(connection)._withUnsafeGuaranteedRef { $0.end() }
    }

    private static func handle(_ context: UnsafeMutableRawPointer) -> Unmanaged<ResponseHandle> {
        Unmanaged.fromOpaque(context - Int(mark))
    }

    private static func answer(
        _ pointer: OpaquePointer, _ connection: Connection, target: UnsafePointer<CChar>,
        method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
    ) -> ResponseHandle? {
        let service = connection.service
        guard let immediate = service.immediate, service.course == .serving,
            shim_method(method) == 0
        else { return nil }
        var audit = shim_head()
        shim_audit(pointer, method, version, &audit)
        guard audit.fault == Int32(SHIM_SOUND.rawValue), audit.hosts == 1, audit.lengths == 0,
            audit.codings == 0, audit.flat_bytes <= service.limits.headerBytes,
            audit.count <= service.limits.headerCount, strcmp(version, "HTTP/1.1") == 0
        else { return nil }
        let length = strlen(target)
        guard length <= service.limits.targetBytes, target == method + 4,
            version == target + (length + 1)
        else { return nil }
        let headers = withUnsafeTemporaryAllocation(
            byteCount: audit.flat_bytes, alignment: 1
        ) { flat in
            shim_copy_fields(pointer, &audit, flat.baseAddress)
            return connection.headers(flat: UnsafeRawBufferPointer(flat))
        }
        let path = UnsafeRawBufferPointer(start: target, count: length)
        return path.withMemoryRebound(to: UInt8.self) { path in
            immediate(path.span, headers, connection.peer).flatMap { Answer.handle(for: $0) }
        }
    }
}
