import Foundation
import HTTPMessage
import HTTPServer
import HTTPTypes
import Testing

struct TransportTests {
    /// A directory of the test's own, removed at its end.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "http-server-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do { try await body(path) } catch {
            try FileManager.default.removeItem(atPath: path)
            throw error
        }
        try FileManager.default.removeItem(atPath: path)
    }

    private func identity(in directory: String, name: String) async throws -> TLSIdentity {
        let key = "\(directory)/\(name).key"
        let certificate = "\(directory)/\(name).crt"
        _ = try await output(
            of: "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-subj", "/CN=\(name)", "-days", "1", "-keyout", key, "-out", certificate,
            ])
        return TLSIdentity(
            certificatePEM: try String(contentsOfFile: certificate, encoding: .utf8),
            privateKeyPEM: try String(contentsOfFile: key, encoding: .utf8))
    }

    @Test func `TLS carries requests and a successor brings a new certificate`() async throws {
        try await withDirectory { directory in
            let old = try await identity(in: directory, name: "old.test")
            let new = try await identity(in: directory, name: "new.test")
            try await withServer(
                tls: old,
                handler: { request in
                    let text = "\(request.isSecure) \(request.path)"
                    return Response(status: .ok, body: .bytes(Array(text.utf8)))
                }
            ) { server in
                #expect(server.address == "https://127.0.0.1:\(server.port)")
                let get = ["-ksv", "--stderr", "-", server.address + "/x"]
                let first = try await output(of: "curl", get)
                #expect(first.contains("true /x"))
                #expect(first.contains("CN=old.test"))
                let successor = try server.successor(tls: new)
                await server.stop(grace: .seconds(1))
                let second = try await output(of: "curl", get)
                #expect(second.contains("true /x"))
                #expect(second.contains("CN=new.test"))
                await successor.stop(grace: .seconds(1))
            }
        }
    }

    @Test func `a certificate that is none is refused`() {
        let nonsense = TLSIdentity(certificatePEM: "x", privateKeyPEM: "y")
        do throws(ListenError) {
            _ = try Listener.start(on: .anyPort, tls: nonsense, fault: worded) { echo($0) }
            Issue.record("it started")
        } catch {
            guard case .refused(let message) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!message.isEmpty)
        }
    }

    @Test func `a unix socket is served and removed and a dead one replaced`() async throws {
        try await withDirectory { directory in
            let path = directory + "/s"
            for _ in 1...2 {
                try await withServer(
                    on: .unix(path: path),
                    handler: { Response(status: .ok, body: .bytes(Array($0.peer.utf8))) }
                ) { server in
                    #expect(server.port == 0)
                    #expect(server.address == "unix:" + path)
                    let client = try Client(path: path)
                    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(client.readAnswer()?.body == "unix")
                    #expect(throws: ListenError.inUse) {
                        try Listener.start(on: .unix(path: path), fault: worded) { echo($0) }
                    }
                }
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "0.0.0.0", "::1", "::"])
    func `hosts of both families are listened on`(host: String) async throws {
        try await withServer(
            on: .tcp(host: host, port: 0),
            handler: { Response(status: .ok, body: .bytes(Array($0.peer.utf8))) }
        ) { server in
            #expect(server.port != 0)
            guard host != "::1" else { return }
            let client = try Client(port: server.port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer()?.body == "127.0.0.1")
        }
    }

    @Test func `addresses that are none are refused`() async {
        let long = String(repeating: "x", count: 108)
        #expect(throws: ListenError.badAddress(long)) {
            try Listener.start(on: .unix(path: long), fault: worded) { echo($0) }
        }
        await #expect(throws: ListenError.badAddress("no.such.host.invalid")) {
            // The name is looked up, which blocks.
            try await blocking {
                try Listener.start(on: .tcp(host: "no.such.host.invalid", port: 0), fault: worded) {
                    echo($0)
                }
            }
        }
    }
}
