import Foundation
import Testing

@testable import KongAdmin

/// A TLS server of the openssl command, which answers any call with an HTML page: a call whose answer is
/// unreadable has come through.
@Suite(.serialized) struct TLSTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "kong-admin-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try certify("server", subject: "/CN=localhost", "subjectAltName=IP:127.0.0.1")
        try certify("client", subject: "/CN=client", "subjectAltName=DNS:client")
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func openssl(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardError = FileHandle.nullDevice
        return process
    }

    private func certify(_ name: String, subject: String, _ alternative: String) throws {
        let process = openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", subject, "-addext", alternative,
            "-keyout", path("\(name).key"), "-out", path("\(name).pem"),
        ])
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// How `GET /status` ended, with `tls`, at a server with these further options.
    private func outcome(_ tls: AdminTransport.TLS, options: [String] = []) async throws -> AdminError? {
        let process = openssl(
            [
                "s_server", "-accept", "127.0.0.1:0", "-cert", path("server.pem"),
                "-key", path("server.key"), "-www",
            ] + options)
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = Pipe()
        try process.run()
        defer {
            // Not SIGTERM: a child takes over the signals its parent's thread has blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var text = ""
        var port: Int?
        while port == nil {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
            port = line.flatMap { Int($0.split(separator: ":")[1]) }
        }
        let limits = AdminTransport.Limits(call: .seconds(3))
        let transport = try AdminTransport(limits: limits, tls: tls)
        let endpoint = try AdminEndpoint("https://127.0.0.1:\(try #require(port))")
        let client = AdminClient(endpoint, transport: transport)
        let error = await failure { () async throws(AdminError) in try await client.status() }
        await transport.shutdown()
        return error
    }

    @Test func `a server is trusted by its authority alone`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        guard case .unreachable(let text)? = try await outcome(.init()) else {
            Issue.record("an unknown authority was trusted"); return
        }
        #expect(text.contains("TLS"))
        let trusted = try await outcome(.init(authorities: path("server.pem")))
        guard case .unreadable? = trusted else { Issue.record("\(trusted as Any)"); return }
    }

    @Test func `a server that wants a certificate gets the client's`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let options = ["-Verify", "1", "-verify_return_error", "-CAfile", path("client.pem")]
        let without = try await outcome(.init(authorities: path("server.pem")), options: options)
        if case .unreadable? = without { Issue.record("no certificate was asked for") }
        let tls = AdminTransport.TLS(
            authorities: path("server.pem"), certificate: path("client.pem"), key: path("client.key"))
        let with = try await outcome(tls, options: options)
        guard case .unreadable? = with else { Issue.record("\(with as Any)"); return }
    }

    @Test func `files that hold no PEM are named`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (none, good, key) = (path("none"), path("client.pem"), path("client.key"))
        #expect(throws: TransportError.unusableAuthorities(none)) {
            try AdminTransport(tls: .init(authorities: none))
        }
        #expect(throws: TransportError.unusableCertificate(key)) {
            try AdminTransport(tls: .init(certificate: key, key: key))
        }
        #expect(throws: TransportError.unusableKey(good)) {
            try AdminTransport(tls: .init(certificate: good, key: good))
        }
        #expect(throws: TransportError.certificateWithoutKey) {
            try AdminTransport(tls: .init(key: key))
        }
    }
}
