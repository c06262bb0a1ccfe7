public import HTTPMessage

/// What becomes of a request of which only the head was read.
public enum Admission: Sendable {
    /// Read the body, of at most so many bytes, and call the handler; longer ones are answered
    /// with ``HTTPMessage/ServerFault/bodyTooLarge(limit:)``.
    case accept(maxBody: Int)
    /// Do not read the body; this is the answer. A client that waits for `100 Continue` gets it
    /// instead. A short body that is on its way is read and dropped, so that the answer arrives
    /// and the connection lives; otherwise the connection is closed after it.
    case reject(Response)
}
