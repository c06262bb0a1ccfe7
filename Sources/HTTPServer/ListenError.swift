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
