/// Takes the whole body of one request from memory, without a handler.
public protocol BodyReceiver: AnyObject, Sendable {
    /// Called once, on the server's thread: must neither block nor wait.
    ///
    /// - Parameter body: as sent, at least one byte; valid only during the call.
    func receive(_ body: UnsafeRawBufferPointer) -> PreparedResponse
}
