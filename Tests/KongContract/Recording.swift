import Testing
import Foundation
import JSONText

/// One file of requests and the answers that Kong 3.9.1 gave to them.
struct Recording: Sendable, CustomTestStringConvertible {
    struct Request: Sendable {
        let method: String
        let path: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]?
    }

    struct Answer: Sendable {
        let status: Int
        let contentType: String?
        let json: JSONValue?
        let text: String?
        /// Names only the members that matter.
        let isPartial: Bool
    }

    enum Step: Sendable {
        case exchange(Request, Answer)
        case wait(seconds: Double)
    }

    enum Malformed: Error { case notARecording(String) }

    let name: String
    let isDBLess: Bool
    let before: [Request]
    let steps: [Step]
    let after: [Request]

    var testDescription: String { name }

    /// Every file of the folder; one that cannot be read stops the tests.
    static let all: [Recording] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Recordings")
        let files = try! FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return files.filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { try! Recording(parsing: [UInt8](Data(contentsOf: $0))) }
    }()

    init(parsing bytes: [UInt8]) throws {
        let document = try JSONValue(parsing: bytes)
        guard let name = document["name"]?.string else { throw Malformed.notARecording("no name") }
        self.name = name
        isDBLess = document["kong"]?["database"]?.string == "off"
        before = try (document["before"]?.array ?? []).map(Request.init)
        after = try (document["after"]?.array ?? []).map(Request.init)
        steps = try (document["steps"]?.array ?? []).map { step in
            if let seconds = step["wait_seconds"]?.double { return .wait(seconds: seconds) }
            guard let request = step["request"], let answer = step["response"] else {
                throw Malformed.notARecording("a step of \(name) is neither exchange nor wait")
            }
            return .exchange(try Request(request), try Answer(answer))
        }
    }
}

extension Recording.Request {
    init(_ value: JSONValue) throws {
        guard let method = value["method"]?.string, let path = value["path"]?.string else {
            throw Recording.Malformed.notARecording("a request has no method or path")
        }
        self.method = method
        self.path = path
        var headers = (value["headers"]?.object.map(Array.init) ?? []).compactMap { header in
            header.value.string.map { (name: header.name, value: $0) }
        }
        if let json = value["json"] {
            body = json.encoded()
            headers.append((name: "Content-Type", value: "application/json"))
        } else {
            body = value["body"]?.string.map { Array($0.utf8) }
        }
        self.headers = headers
    }
}

extension Recording.Answer {
    init(_ value: JSONValue) throws {
        guard let status = value["status"]?.int else {
            throw Recording.Malformed.notARecording("an answer has no status")
        }
        self.status = status
        contentType = value["headers"]?["content-type"]?.string
        json = value["json"]
        text = value["text"]?.string
        isPartial = value["partial"]?.bool ?? false
    }
}
