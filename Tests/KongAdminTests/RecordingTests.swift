import Foundation
import Testing

@testable import KongAdmin

/// Answers of a real Kong 3.9.1, with its ids and times replaced by marks.
struct Recording: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        let method: String
        let path: String
        let status: Int
        /// As Kong would send it; HTML where Kong sent HTML.
        let body: String
        let isPartial: Bool
    }
    let name: String
    let steps: [Step]
    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "KongContract/Recordings")

    static func all() throws -> [Recording] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.sorted().map(named)
    }

    static func named(_ file: String) throws -> Recording {
        let data = try Data(contentsOf: folder.appending(path: file))
        let whole = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let steps = try #require(whole["steps"] as? [[String: Any]])
        return Recording(
            name: file,
            steps: try steps.compactMap { step in
                guard let request = step["request"] as? [String: Any],
                    let response = step["response"] as? [String: Any]
                else { return nil }
                var body = response["text"] as? String ?? ""
                if let json = response["json"] {
                    body = String(
                        decoding: try JSONSerialization.data(withJSONObject: filled(json)),
                        as: UTF8.self)
                }
                return Step(
                    method: try #require(request["method"] as? String),
                    path: try #require(request["path"] as? String),
                    status: try #require(response["status"] as? Int), body: body,
                    isPartial: response["partial"] as? Bool ?? false)
            })
    }

    private static func filled(_ value: Any) -> Any {
        switch value {
        case let members as [String: Any]: members.mapValues(filled)
        case let elements as [Any]: elements.map(filled)
        case let text as String where text.hasPrefix("$ms"): 1_724_218_836.114
        case let text as String where text.hasPrefix("$sec"): 1_724_218_836
        default: value
        }
    }
}

@Suite struct RecordingTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ body: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.utf8))
    }

    @Test func `there are recordings`() throws {
        #expect(try Recording.all().count >= 20)
    }

    /// Every entity Kong answered is read, whole or by page.
    @Test(arguments: try Recording.all())
    func `every success is read`(recording: Recording) throws {
        for step in recording.steps where (200..<300).contains(step.status) && !step.isPartial {
            let path = step.path.split(separator: "?")[0].split(separator: "/").map(String.init)
            // POST names a collection and answers one of its entities.
            let isOne = step.method == "POST" || path.count % 2 == 0
            let collection = path[step.method != "POST" && isOne ? path.count - 2 : path.count - 1]
            guard step.status != 204, !step.path.contains("balancer_health") else { continue }
            switch (path.last == "health" ? "health" : collection, isOne) {
            case ("health", _): _ = try decode(UpstreamHealth.self, step.body)
            case ("services", true): _ = try decode(Service.self, step.body)
            case ("routes", true): _ = try decode(Route.self, step.body)
            case ("upstreams", true): _ = try decode(Upstream.self, step.body)
            case ("plugins", true): _ = try decode(Plugin.self, step.body)
            case ("targets", true): _ = try decode(Target.self, step.body)
            case ("services", false): _ = try decode(PageAnswer<Service>.self, step.body)
            case ("routes", false): _ = try decode(PageAnswer<Route>.self, step.body)
            case ("upstreams", false): _ = try decode(PageAnswer<Upstream>.self, step.body)
            case ("plugins", false): _ = try decode(PageAnswer<Plugin>.self, step.body)
            case ("targets", false): _ = try decode(PageAnswer<Target>.self, step.body)
            case ("config", _), ("tags", _): continue
            case let other: Issue.record("\(recording.name): \(step.path) is unknown: \(other)")
            }
        }
    }

    @Test(arguments: try Recording.all())
    func `every refusal is read with Kong's message`(recording: Recording) throws {
        for step in recording.steps where step.status >= 400 {
            let body = ErrorBody(Array(step.body.utf8))
            #expect(!body.message.isEmpty)
            #expect(!body.message.contains("<"))
            guard let json = try? decode(AdminJSON.self, step.body) else { continue }
            #expect(json["message"]?.text == body.message)
            #expect(json["code"]?.double == body.code.map(Double.init))
            let isDetailed = [json["fields"], json["options"]].contains {
                if case .object(let members)? = $0 { !members.isEmpty } else { false }
            }
            #expect(body.complaints.isEmpty != isDetailed)
        }
    }

    @Test func `health tells a balancer that is not built from one that is`() throws {
        let steps = try Recording.named("target-health.json").steps.filter {
            $0.path == "/upstreams/rec-up/health"
        }
        let before = try decode(UpstreamHealth.self, steps[0].body)
        #expect(before.targets.map(\.weight) == [0, 80])
        #expect(before.targets.allSatisfy { $0.health == nil && $0.data == nil })
        let after = try decode(UpstreamHealth.self, steps[1].body)
        #expect(after.targets.map(\.data?.nodeWeight) == [0, 80])
        #expect(after.targets.map(\.health) == [.unchecked, .unchecked])
        #expect(
            after.targets[1].data?.addresses
                == [.init(ip: "127.0.0.1", port: 9101, weight: 80, health: .unchecked)])
        let patched = try decode(UpstreamHealth.self, steps[2].body)
        #expect(patched.targets.map(\.data?.nodeWeight) == [20, 80])
    }

    @Test func `a name that does not resolve has no addresses`() throws {
        let steps = try Recording.named("target-health-unresolved.json").steps
        let health = try decode(UpstreamHealth.self, try #require(steps.last).body)
        #expect(health.targets.map(\.health) == [.unresolved])
        #expect(health.targets[0].data?.addresses == [])
    }

    @Test func `a node says its version, mode and workers`() throws {
        let body = """
            {"version":"3.9.1","hostname":"h","node_id":"n","edition":"community","configuration":
            {"database":"off","role":"traditional","router_flavor":"traditional_compatible",
            "worker_consistency":"eventual","db_update_frequency":5,"worker_state_update_frequency":0.5},
            "pids":{"master":1,"workers":[2,3]},"plugins":{"available_on_server":{"cors":{"priority":1}}}}
            """
        let node = try decode(NodeInformation.self, body)
        #expect(node.databaseMode == .off)
        #expect(node.workerCount == 2)
        #expect(node.workerStateUpdateFrequency == 0.5)
        #expect(node.availablePlugins == ["cors"])
        #expect(!node.isEnterprise)
        #expect(try decode(NodeInformation.self, #"{"version":"3.4.3.1"}"#).isEnterprise)
        let root = try Recording.named("node-root.json").steps[0]
        #expect(try decode(NodeInformation.self, root.body).version == "3.9.1")
        let status = try Recording.named("node-status.json").steps[0]
        #expect(try decode(NodeStatus.self, status.body).isDatabaseReachable == true)
    }
}
