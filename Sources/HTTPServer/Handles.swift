internal import CMicroHTTPD

/// One connection of libmicrohttpd.
///
/// Unchecked, because a pointer carries no promise. The promise is kept by its two holders: an
/// ``Exchange`` and a ``StreamReader`` use it only under their own lock, only before their request
/// is completed, and call `resume` exactly once for each `suspend`; the library frees no suspended
/// connection.
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Only on the library's own thread.
    func suspend() { MHD_suspend_connection(pointer) }

    /// On any thread, for a suspended connection.
    func resume() { MHD_resume_connection(pointer) }
}

/// One answer of libmicrohttpd.
///
/// Unchecked, because of the pointer. The invariant: it never changes, the answer behind it is
/// complete before anybody else sees it, and the library counts references under a lock of its
/// own; ours is given back once, when nobody holds this object. Queueing takes another, so an
/// answer on its way outlives it.
final class ResponseHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The code that it is sent with.
    let status: UInt32

    init(owning pointer: OpaquePointer, status: UInt32) {
        self.pointer = pointer
        self.status = status
    }

    deinit { MHD_destroy_response(pointer) }
}
