internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A failure below HTTP, told apart by whether the call can have reached Kong.
struct Disconnection {
    private let cause: any Error

    init(_ cause: any Error) { self.cause = cause }

    func error(at place: String) -> AdminError {
        wasNeverSent ? .unreachable(text(at: place)) : .lost(text(at: place))
    }

    func text(at place: String) -> String { "\(place): \(reason)." }

    /// Only what is certain counts as never sent; the rest is for the caller to find out by reading.
    private var wasNeverSent: Bool {
        if let error = cause as? HTTPClientError {
            return [
                .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .alreadyShutdown,
                .invalidURL, .emptyHost, .emptyScheme,
            ].contains(error)
        }
        if cause is NIOConnectionError || cause is SocketAddressError { return true }
        if case .handshakeFailed? = cause as? NIOSSLError { return true }
        if cause is NIOSSLExtraError { return true }
        // No connection that stands reports a refusal. Unreachable hosts and time-outs it may report.
        if let error = cause as? IOError { return error.errnoCode == ECONNREFUSED }
        if case .connectTimeout? = cause as? ChannelError { return true }
        return false
    }

    private var reason: String {
        switch cause {
        case let error as HTTPClientError where error == .deadlineExceeded: "no answer in time"
        case let error as HTTPClientError where error == .readTimeout: "no answer in time"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            "the connection was closed before the answer"
        case let error as HTTPClientError where error == .cancelled: "cancelled by the caller"
        case is CancellationError: "cancelled by the caller"
        case let error as NIOConnectionError where error.dnsAError != nil:
            "the host name does not resolve"
        case is NIOConnectionError: "connection refused or host not reachable"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "connection refused"
        case let error as IOError: "the connection broke (errno \(error.errnoCode))"
        case let error as NIOSSLError: "TLS failed (\(error))"
        case let error as NIOSSLExtraError: "TLS failed (\(error))"
        case let error as HTTPClientError: error.shortDescription
        default: "the connection failed (\(type(of: cause)))"
        }
    }
}
