import Foundation
import Testing

/// What a real Kong 3.9.1 posted, one body a line. Stable is 127.0.0.1:9401, the canary
/// 127.0.0.1:9402, in `dead-slim` 127.0.0.1:9499, where nothing listens; 80 to 20.
struct Recording {
    struct Post {
        /// Milliseconds since the load began.
        let receivedAt: Int64
        let body: [UInt8]
    }

    let posts: [Post]

    init(_ name: String) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Recordings/\(name).jsonl.gz").path(percentEncoded: false)
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let text = try #require(try output.fileHandleForReading.readToEnd())
        gzip.waitUntilExit()
        posts = try text.split(separator: UInt8(ascii: "\n")).map(Self.post)
        try #require(!posts.isEmpty)
    }

    /// `{"received_ms":162,"body":…}`, without a parser between Kong's bytes and the test.
    private static func post(_ line: Data) throws -> Post {
        let head = Array(#"{"received_ms":"#.utf8)
        let middle = Data(#","body":"#.utf8)
        try #require(line.starts(with: head))
        let place = try #require(line.range(of: middle))
        let digits = line[(line.startIndex + head.count)..<place.lowerBound]
        let receivedAt = try #require(Int64(String(decoding: digits, as: UTF8.self)))
        return Post(receivedAt: receivedAt, body: Array(line[place.upperBound...].dropLast()))
    }
}
