internal import CMicroHTTPD
internal import Glibc
internal import HTTPMessage

/// The short way of a GET with neither query nor body, and of a POST whose body somebody takes as
/// it is: what is answered from memory needs no ``Exchange``, which costs more than all the rest.
///
/// What is not answered so goes the long way from its first call on, and nobody can tell. The
/// context of a request on the short way is nothing at first. Then it is its ``Connection`` while
/// the body comes, and at last a ``ResponseHandle``; the lowest bits, which no address of an object
/// has, tell them apart.
enum Glance {
    private static let answerMark: UInt = 1
    private static let bodyMark: UInt = 2

    /// Whether it is no ``Exchange``.
    static func isShort(_ context: UnsafeMutableRawPointer) -> Bool {
        UInt(bitPattern: context) & (answerMark | bodyMark) != 0
    }

    private static func isAnswer(_ context: UnsafeMutableRawPointer) -> Bool {
        UInt(bitPattern: context) & answerMark != 0
    }

    /// The head was read: the answer, the body's place, or an exchange; `nil` if the connection
    /// was cut meanwhile.
    static func first(
        _ pointer: OpaquePointer, target: UnsafePointer<CChar>, method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) -> UnsafeMutableRawPointer? {
        guard let context = shim_connection_context(pointer) else { return nil }
        return Unmanaged<Connection>.fromOpaque(context)._withUnsafeGuaranteedRef { connection in
            guard let started = connection.glance() else { return nil }
            let head = Head(
                pointer: pointer, connection: connection, target: target, method: method,
                version: version)
            switch shim_method(method) {
            case 0: if let answer = answer(head) { return marked(answer) }
            case 2: if awaitBody(head) { return context + Int(bodyMark) }
            default: break
            }
            let exchange = Exchange(
                target: Target(target, limit: connection.service.limits.targetBytes),
                handle: ConnectionHandle(pointer: pointer), connection: connection,
                started: started)
            connection.begin(exchange)
            return Unmanaged.passRetained(exchange).toOpaque()
        }
    }

    /// A piece of the body, or, with an empty `upload`, the end of the request.
    static func next(
        _ pointer: OpaquePointer, _ context: inout UnsafeMutableRawPointer?,
        _ upload: UnsafeRawBufferPointer
    ) -> MHD_Result {
        guard let held = context else { return .NO }
        if isAnswer(held) {
            return handle(held)._withUnsafeGuaranteedRef {
                MHD_queue_response(pointer, $0.status, $0.pointer)
            }
        }
        let connection = Unmanaged<Connection>.fromOpaque(held - Int(bodyMark))
        return connection._withUnsafeGuaranteedRef { connection in
            switch connection.take(upload) {
            case .incomplete: return .YES
            case .cut: return .NO
            case .whole(let receiver, let earlier):
                let answer = earlier.isEmpty
                    ? deliver(upload, to: receiver, connection.service)
                    : earlier.withUnsafeBytes { deliver($0, to: receiver, connection.service) }
                guard let answer else { return .NO }
                context = marked(answer)
                return .YES
            }
        }
    }

    /// The library is done with the request.
    static func complete(_ pointer: OpaquePointer, _ context: UnsafeMutableRawPointer?) {
        if let context, isAnswer(context) { handle(context).release() }
        guard let connection = shim_connection_context(pointer) else { return }
        Unmanaged<Connection>.fromOpaque(connection)._withUnsafeGuaranteedRef { $0.end() }
    }

    private static func marked(_ answer: ResponseHandle) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(answer).toOpaque() + Int(answerMark)
    }

    private static func handle(_ context: UnsafeMutableRawPointer) -> Unmanaged<ResponseHandle> {
        Unmanaged.fromOpaque(context - Int(answerMark))
    }

    private static func deliver(
        _ body: UnsafeRawBufferPointer, to receiver: any BodyReceiver, _ service: Service
    ) -> ResponseHandle? {
        guard service.course == .serving else {
            let refusal = service.fault(.unavailable, nil)
            guard case .bytes(let bytes) = refusal.body else {
                return Answer.handle(for: refusal, bytes: [], closing: true)
            }
            return Answer.handle(for: refusal, bytes: bytes, closing: true)
        }
        return Answer.handle(for: receiver.receive(body))
    }

    /// A head of which only the request line was looked at.
    private struct Head {
        let pointer: OpaquePointer
        let connection: Connection
        let target: UnsafePointer<CChar>
        let method: UnsafePointer<CChar>
        let version: UnsafePointer<CChar>
        var service: Service { connection.service }

        /// What the audit found, where the long way would find nothing to refuse.
        func audited(methodLength: Int) -> (shim_head, path: UnsafeRawBufferPointer)? {
            guard service.course == .serving else { return nil }
            var audit = shim_head()
            shim_audit(pointer, method, version, &audit)
            guard audit.fault == Int32(SHIM_SOUND.rawValue), audit.hosts == 1,
                audit.codings == 0, audit.flat_bytes <= service.limits.headerBytes,
                audit.count <= service.limits.headerCount, strcmp(version, "HTTP/1.1") == 0
            else { return nil }
            let length = strlen(target)
            guard length <= service.limits.targetBytes, target == method + (methodLength + 1),
                version == target + (length + 1)
            else { return nil }
            return (audit, UnsafeRawBufferPointer(start: target, count: length))
        }
    }

    private static func answer(_ head: Head) -> ResponseHandle? {
        guard let immediate = head.service.immediate,
            let (sound, path) = head.audited(methodLength: 3), sound.lengths == 0
        else { return nil }
        var audit = sound
        let headers = withUnsafeTemporaryAllocation(
            byteCount: audit.flat_bytes, alignment: 1
        ) { flat in
            shim_copy_fields(head.pointer, &audit, flat.baseAddress)
            return head.connection.headers(flat: UnsafeRawBufferPointer(flat))
        }
        return path.withMemoryRebound(to: UInt8.self) { path in
            immediate(path.span, headers, head.connection.peer).flatMap { Answer.handle(for: $0) }
        }
    }

    /// Whether somebody takes the body; then it is awaited.
    private static func awaitBody(_ head: Head) -> Bool {
        guard let receiving = head.service.receiving,
            let (audit, path) = head.audited(methodLength: 4), audit.lengths == 1,
            audit.content_length > 0, !audit.expects_continue
        else { return false }
        let length = Int(audit.content_length)
        let receiver = path.withMemoryRebound(to: UInt8.self) { receiving($0.span, length) }
        guard let receiver else { return false }
        head.connection.await(receiver, length: length)
        return true
    }
}
