/// Why a ``Listener`` could not start.
public enum ListenError: Error, Equatable, Sendable {
    /// The host has no address, or the path of the unix socket is too long.
    case badAddress(String)
    /// Another program listens there.
    case inUse
    /// The operating system refuses this port or path to this user.
    case forbidden
    /// A system call failed; `code` is its `errno`.
    case system(call: String, code: Int32)
    /// libmicrohttpd refused, for example because certificate and key do not belong together;
    /// `message` is what it said.
    case refused(message: String)
}

extension ListenError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badAddress(let text):
            "\(text) is no address of this machine; give a numeric one, a name such as localhost, "
                + "or the path of a unix socket"
        case .inUse:
            "another program listens on the address already; stop it, or choose another port"
        case .forbidden:
            "the system does not let this program listen on the address; ports below 1024 need a "
                + "privilege"
        case .system(let call, let code):
            "the system refused to listen: \(call) failed with error \(code)"
        case .refused(let message):
            "the server library refused to start: \(message)"
        }
    }
}
