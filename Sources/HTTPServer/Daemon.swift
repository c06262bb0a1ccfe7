internal import CMicroHTTPD
internal import Dispatch
internal import Glibc

/// A running daemon of libmicrohttpd with what it points to.
///
/// Unchecked, because of the pointers. The invariant: they never change; of the daemon only
/// ``quiesce()`` and then ``stop()`` are called, each once, which the listener's own state sees to;
/// and what the callbacks are given (`context`, held by a count of its own) is freed only when
/// ``stop()`` has seen the library's last thread end. Connections, exchanges and streams that
/// outlive it, in a handler's hands, hold no pointer that they may still use.
final class Daemon: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let texts: [UnsafeMutablePointer<CChar>?]
    private let notice: UnsafeMutablePointer<shim_notice>
    private let context: Unmanaged<Service>

    init(
        _ service: Service, socket: ListenSocket, threads: Int, tls: TLSIdentity?
    ) throws(ListenError) {
        let texts = [tls?.certificate, tls?.privateKey].map { text in
            text.flatMap { strdup(String(decoding: $0, as: UTF8.self)) }
        }
        let notice = UnsafeMutablePointer<shim_notice>.allocate(capacity: 1)
        notice.initialize(to: shim_notice())
        let context = Unmanaged.passRetained(service)
        var settings = shim_settings()
        settings.listen_fd = socket.descriptor
        settings.threads = UInt32(clamping: threads)
        settings.connections = UInt32(clamping: service.limits.connections)
        settings.connections_per_address = UInt32(clamping: service.limits.connectionsPerAddress)
        settings.idle_seconds = service.limits.idleSeconds
        settings.pool_bytes = service.limits.poolBytes
        settings.certificate = UnsafePointer(texts[0])
        settings.private_key = UnsafePointer(texts[1])
        settings.notice = notice
        settings.context = context.toOpaque()
        settings.access = accessExchange
        settings.request_line = beginExchange
        settings.completed = completeExchange
        settings.connection = noticeConnection
        let started = shim_start(&settings)
        self.texts = texts
        self.notice = notice
        self.context = context
        guard let started else {
            let message = withUnsafePointer(to: &notice.pointee.text) { text in
                text.withMemoryRebound(to: CChar.self, capacity: 512) { String(cString: $0) }
            }
            Self.free(texts, notice, context)
            throw .refused(message: message)
        }
        pointer = started
    }

    /// Takes no more connections; the listening socket is the caller's again.
    func quiesce() { _ = MHD_quiesce_daemon(pointer) }

    /// Ends the threads and closes every connection. No connection may be suspended. Blocks for as
    /// long as the library's threads need to come back, so it has a thread of its own.
    func stop() async {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "http-server-stop").async {
                MHD_stop_daemon(self.pointer)
                Self.free(self.texts, self.notice, self.context)
                continuation.resume()
            }
        }
    }

    private static func free(
        _ texts: [UnsafeMutablePointer<CChar>?], _ notice: UnsafeMutablePointer<shim_notice>,
        _ context: Unmanaged<Service>
    ) {
        for text in texts { Glibc.free(text) }
        notice.deallocate()
        context.release()
    }
}
