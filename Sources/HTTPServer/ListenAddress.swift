/// Where a ``Listener`` takes connections.
public enum ListenAddress: Sendable, Hashable {
    /// A numeric IPv4 or IPv6 address or a name such as `localhost` (taken as IPv4 if it has one);
    /// `::` takes IPv4 too. Port 0 stands for any free one.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system; at most 107 bytes of path. What a dead server left there is
    /// replaced, a living one is not.
    case unix(path: String)
}
