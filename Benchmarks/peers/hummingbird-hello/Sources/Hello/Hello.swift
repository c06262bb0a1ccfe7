import Hummingbird
import Logging
import NIOCore
import NIOPosix

/// Hummingbird's hello on one event loop: `Hello PORT BYTES` answers every `GET /` on loopback
/// with the same prepared body of BYTES bytes.
@main
struct Hello {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = Int(arguments[1]), let bytes = Int(arguments[2])
        else {
            print("usage: Hello PORT BYTES")
            return
        }
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: bytes)
        let response = Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: body))
        let router = Router()
        router.get("/") { _, _ in response }
        var logger = Logger(label: "hello")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: logger)
        try await application.runService()
    }
}
