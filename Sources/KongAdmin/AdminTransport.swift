public import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL

/// The connections that clients share: one pool, with bounds and time-outs.
///
/// HTTP/1.1 only, no redirects followed, no decompression, nothing sent twice.
///
/// ```swift
/// let transport = try AdminTransport()
/// let client = AdminClient(try AdminEndpoint("http://127.0.0.1:8001"), transport: transport)
/// // …
/// await transport.shutdown()
/// ```
public struct AdminTransport: Sendable {
    /// Bounds of the pool and of time.
    public struct Limits: Sendable, Hashable {
        /// Connections to one host and port, at least 1. Further calls wait for one.
        public var connectionsPerHost: Int
        /// Until a connection stands, TLS included apart.
        public var connect: Duration
        /// From the call until the head of its answer; the body may then take as long again.
        public var call: Duration
        /// How long a connection is kept without a call. Below the 75 s after which nginx would close it,
        /// since a call that meets the closing is lost.
        public var idle: Duration

        public init(
            connectionsPerHost: Int = 8, connect: Duration = .seconds(2),
            call: Duration = .seconds(10), idle: Duration = .seconds(45)
        ) {
            self.connectionsPerHost = max(connectionsPerHost, 1)
            self.connect = connect
            self.call = call
            self.idle = idle
        }
    }

    /// What is trusted and what is shown, for `https` endpoints. Paths of PEM files.
    public struct TLS: Sendable, Hashable {
        /// Certificates to trust in place of the system's.
        public var authorities: String?
        /// The client's chain, leaf first, for an Admin API that asks for one; needs ``key``.
        public var certificate: String?
        public var key: String?

        public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    let kept: HTTPClient
    /// Every call through it closes its connection: its pool is always empty, each call connects anew.
    let fresh: HTTPClient
    let limits: Limits
    private let isOwner: Bool

    /// Reads the PEM files and makes the pool. Connects to nothing yet.
    ///
    /// Call ``shutdown()`` before the last copy goes: a pool dropped while open traps in debug builds.
    public init(limits: Limits = Limits(), tls: TLS = TLS()) throws(TransportError) {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.configuration(of: tls),
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(limits.connect), read: TimeAmount(limits.call)),
            connectionPool: .init(idleTimeout: TimeAmount(limits.idle)),
            ignoreUncleanSSLShutdown: false,
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            limits.connectionsPerHost
        // A refused port is told at once rather than after the whole call's time.
        configuration.connectionPool.retryConnectionEstablishment = false
        kept = HTTPClient(configuration: configuration)
        fresh = HTTPClient(configuration: configuration)
        self.limits = limits
        isOwner = true
    }

    /// Uses a pool that others own and shut down; only the whole-call limit is applied to it.
    ///
    /// - Parameter fresh: for calls that ask for a fresh connection. Leave it to nothing else, or such a
    ///   call may meet a kept connection (and closes that one).
    public init(borrowing client: HTTPClient, fresh: HTTPClient, limits: Limits = Limits()) {
        kept = client
        self.fresh = fresh
        self.limits = limits
        isOwner = false
    }

    /// Closes the connections; calls on their way are lost. A borrowed pool is left alone. Once is enough.
    public func shutdown() async {
        guard isOwner else { return }
        for client in [kept, fresh] {
            // The only failure is to have been shut down before, which is what was wanted.
            do { try await client.shutdown() } catch { continue }
        }
    }

    private static func configuration(of tls: TLS) throws(TransportError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = tls.authorities {
            do {
                let authorities = try NIOSSLCertificate.fromPEMFile(file)
                guard !authorities.isEmpty else { throw TransportError.unusableAuthorities(file) }
                configuration.trustRoots = .certificates(authorities)
            } catch { throw .unusableAuthorities(file) }
        }
        switch (tls.certificate, tls.key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            do {
                let chain = try NIOSSLCertificate.fromPEMFile(certificate)
                guard !chain.isEmpty else { throw TransportError.unusableCertificate(certificate) }
                configuration.certificateChain = chain.map { .certificate($0) }
            } catch { throw .unusableCertificate(certificate) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch { throw .unusableKey(key) }
        case (nil, _?), (_?, nil): throw .certificateWithoutKey
        }
        return configuration
    }
}

/// Why no transport could be made.
public enum TransportError: Error, Sendable, Equatable {
    /// The file is missing or holds no PEM certificate.
    case unusableAuthorities(String)
    case unusableCertificate(String)
    /// The file is missing, holds no PEM key, or the key is encrypted.
    case unusableKey(String)
    /// Of client certificate and key only one was given.
    case certificateWithoutKey
}

extension TransportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unusableAuthorities(let file):
            "No certificate authority can be read from \(file); it must be a PEM file."
        case .unusableCertificate(let file):
            "No client certificate can be read from \(file); it must be a PEM file."
        case .unusableKey(let file):
            "No private key can be read from \(file); it must be an unencrypted PEM file."
        case .certificateWithoutKey: "Client certificate and key are given together or not at all."
        }
    }
}
