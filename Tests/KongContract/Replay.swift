import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1

/// Sends a recording to an Admin API and compares.
struct Replay {
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    let adminURL: String
    private var marks = Marks()

    init(adminURL: String) { self.adminURL = adminURL }

    mutating func run(_ recording: Recording) async throws {
        for request in recording.before { _ = try await send(request) }
        var patience: Duration = .zero
        for (number, step) in recording.steps.enumerated() {
            switch step {
            case .wait(let seconds): patience += .seconds(seconds)
            case .exchange(let request, let answer):
                do {
                    try await exchange(request, answer, patience: patience)
                } catch let difference as Difference {
                    throw Difference(
                        description: "\(recording.name), step \(number): \(difference.description)")
                }
                patience = .zero
            }
        }
        for request in recording.after { _ = try await send(request) }
    }

    /// A step after a pause is asked for again until it fits or the pause is over.
    private mutating func exchange(
        _ request: Recording.Request, _ expected: Recording.Answer, patience: Duration
    ) async throws {
        let end = ContinuousClock.now + patience
        while true {
            do {
                return try compare(try await send(request), expected, request)
            } catch let difference as Difference {
                guard request.method == "GET", ContinuousClock.now < end else { throw difference }
            }
        }
    }

    private mutating func compare(
        _ actual: Reply, _ expected: Recording.Answer, _ request: Recording.Request
    ) throws {
        func differ(_ what: String) -> Difference {
            Difference(
                description: "\(request.method) \(request.path): \(what); answered "
                    + "\(actual.status) \(String(decoding: actual.body, as: UTF8.self))")
        }
        guard actual.status == expected.status else { throw differ("expected \(expected.status)") }
        if let type = expected.contentType, type != actual.contentType {
            throw differ("expected content type \(type), not \(actual.contentType ?? "none")")
        }
        if let text = expected.text, String(decoding: actual.body, as: UTF8.self) != text {
            throw differ("expected the text \(text)")
        }
        guard let json = expected.json else { return }
        let found = try JSONValue(parsing: actual.body)
        guard marks.accept(json, found, isPartial: expected.isPartial) else {
            throw differ("expected \(json)")
        }
    }

    private struct Reply {
        let status: Int
        let contentType: String?
        let body: [UInt8]
    }

    private func send(_ request: Recording.Request) async throws -> Reply {
        var sent = HTTPClientRequest(url: adminURL + marks.filled(request.path))
        sent.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers { sent.headers.add(name: name, value: value) }
        if let body = request.body {
            let text = marks.filled(String(decoding: body, as: UTF8.self))
            sent.body = .bytes(Array(text.utf8))
        }
        let response = try await HTTPClient.shared.execute(sent, timeout: .seconds(10))
        var body = try await response.body.collect(upTo: 4 << 20)
        return Reply(
            status: Int(response.status.code), contentType: response.headers.first(name: "content-type"),
            body: body.readBytes(length: body.readableBytes) ?? [])
    }
}
