internal import CMicroHTTPD

// What libmicrohttpd calls, on its own threads. They are functions of a file without a main actor:
// a closure written in `main.swift` would be bound to the main actor and trap here.

/// The request line was read; what is returned is the context of the request: an ``Exchange``, or
/// nothing while it may yet be answered at a glance.
func beginExchange(
    _: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ pointer: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let pointer, let context = shim_connection_context(pointer) else { return nil }
    return Unmanaged<Connection>.fromOpaque(context)._withUnsafeGuaranteedRef { connection in
        if let target, connection.service.glances, shim_is_plain(target) {
            connection.beginHead()
            return nil
        }
        let exchange = Exchange(
            target: Target(target, limit: connection.service.limits.targetBytes),
            handle: ConnectionHandle(pointer: pointer), connection: connection,
            started: connection.service.ticks.now)
        connection.begin(exchange)
        return Unmanaged.passRetained(exchange).toOpaque()
    }
}

func accessExchange(
    _: UnsafeMutableRawPointer?, _ pointer: OpaquePointer?, _ target: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
    _ upload: UnsafePointer<CChar>?, _ uploadSize: UnsafeMutablePointer<Int>?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let pointer, let method, let version, let uploadSize, let context else { return .NO }
    let piece = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
    uploadSize.pointee = 0
    if context.pointee == nil {
        guard let target else { return .NO }
        context.pointee = Glance.first(pointer, target: target, method: method, version: version)
        guard let begun = context.pointee else { return .NO }
        if Glance.isShort(begun) { return .YES }
    } else if let begun = context.pointee, Glance.isShort(begun) {
        return Glance.next(pointer, &context.pointee, piece)
    }
    guard let exchange = context.pointee else { return .NO }
    return Unmanaged<Exchange>.fromOpaque(exchange)
        ._withUnsafeGuaranteedRef { $0.access(method: method, version: version, upload: piece) }
}

func completeExchange(
    _: UnsafeMutableRawPointer?, _ pointer: OpaquePointer?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _: MHD_RequestTerminationCode
) {
    guard let pointer else { return }
    let held = context?.pointee
    context?.pointee = nil
    guard let held, !Glance.isShort(held) else { return Glance.complete(pointer, held) }
    Unmanaged<Exchange>.fromOpaque(held).takeRetainedValue().complete()
}

func noticeConnection(
    _ context: UnsafeMutableRawPointer?, _ pointer: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ code: MHD_ConnectionNotificationCode
) {
    guard let context, let pointer, let slot else { return }
    let service = Unmanaged<Service>.fromOpaque(context).takeUnretainedValue()
    if code == shim_connection_started {
        let peer = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            shim_peer(pointer, text.baseAddress, 64)
            return text.baseAddress.map { String(cString: $0) } ?? ""
        }
        let connection = Connection(
            service: service, peer: peer, descriptor: shim_descriptor(pointer))
        service.registry.insert(connection)
        slot.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else {
        guard let held = slot.pointee else { return }
        slot.pointee = nil
        let connection = Unmanaged<Connection>.fromOpaque(held).takeRetainedValue()
        connection.close()
        service.registry.remove(connection)
    }
}

func readStream(
    _ context: UnsafeMutableRawPointer?, _: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int
) -> Int {
    guard let context, let buffer else { return shim_end_with_error }
    let reader = Unmanaged<StreamReader>.fromOpaque(context).takeUnretainedValue()
    return reader.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

func releaseStream(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<StreamReader>.fromOpaque(context).release()
}
