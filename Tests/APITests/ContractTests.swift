@testable import API
import Foundation
import HTTPTypes
import JSONText
import Judgement
import RolloutJSON
import Rollouts
import Testing

/// The interface against its contract, `openapi/openapi.yaml`, as the program serves it.
@Suite struct ContractTests {
    let contract: JSONValue

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let source = try String(
            contentsOf: root.appending(path: "Sources/kong-rollouts/OpenAPIDocument.swift"),
            encoding: .utf8)
        let start = try #require(source.range(of: "##\"{"))
        let end = try #require(source.range(of: "}\"##"))
        contract = try JSONValue(parsing: "{" + source[start.upperBound..<end.lowerBound] + "}")
    }

    func words(_ path: String...) -> Set<String> {
        let pointer = JSONPointer([.name("components"), .name("schemas")] + path.map { .name($0) })
        return Set((contract[pointer]?.array ?? []).compactMap(\.string))
    }

    /// An object with a reference in its place of what it refers to.
    func resolved(_ value: JSONValue?) -> JSONValue? {
        guard let reference = value?["$ref"]?.string else { return value }
        return contract[JSONPointer(reference.split(separator: "/").dropFirst().map { .name(String($0)) })]
    }

    func names(_ value: JSONValue?) -> Set<String> { Set(value?.object?.names ?? []) }

    @Test func `every path and method of the contract is answered, and no other`() throws {
        let paths = try #require(contract["paths"]?.object)
        var seen: Set<String> = []
        for (template, item) in paths {
            let endpoint = try Endpoint(path: Self.path(template))
            let sent = Set(item.object?.names ?? []).subtracting(["parameters", "summary"])
            #expect(sent == Set(endpoint.methods.map { $0.rawValue.lowercased() }), "\(template)")
            for method in sent {
                let needsToken = item[method]?["security"]?.array?.isEmpty != true
                #expect(needsToken == !endpoint.isOpen, "\(method) \(template)")
            }
            seen.insert(template)
        }
        #expect(seen.count == 14 + Verb.allCases.count)
    }

    static func path(_ template: String) -> String {
        template.replacing("{name}", with: "fraud-v7")
            .replacing("{secret}", with: TelemetryTests.secret)
    }

    @Test func `closed lists are those of the program`() {
        #expect(
            words("Problem", "properties", "type", "enum")
                == Set(Problem.Slug.allCases.map { "urn:kong-rollouts:\($0.rawValue)" }))
        #expect(words("Metric", "enum") == Set(Check.Metric.allCases.map(\.rawValue)))
        #expect(
            words("Obstacle", "enum") == Set(Obstacle.allCases.map(\.rawValue) + ["disabled"]))
        #expect(words("Phase", "enum") == Set(Phase.Name.allCases.map(\.rawValue)))
        #expect(
            words("Event", "properties", "type", "enum")
                == Set(HistoryType.allCases.map(\.rawValue)))
        #expect(
            words("Condition", "properties", "type", "enum")
                == Set(Condition.Kind.allCases.map(\.rawValue)))
        #expect(
            words("Rollout", "properties", "actions", "items", "enum")
                == Set(Verb.allCases.map(\.rawValue)))
        #expect(
            words("Rollout", "properties", "step", "properties", "waiting_for", "items", "enum")
                == Set(Waiting.allCases.map(\.rawValue)))
    }

    @Test func `answers have the members that the contract promises`() async throws {
        let bench = Bench()
        let rollout = await bench.create()
        #expect(names(rollout.json) == words("Rollout", "required"))
        for part in ["step", "traffic", "service", "upstream", "route"] {
            #expect(
                names(rollout.json[part]) == words("Rollout", "properties", part, "required"),
                "\(part)")
        }
        _ = await bench.call(.post, "/v1/rollouts/fraud-v7/pause")
        let paused = await bench.call(.get, "/v1/rollouts/fraud-v7")
        #expect(names(paused.json["cause"]) == words("Cause", "required"))
        let events = await bench.call(.get, "/v1/events")
        #expect(names(events.json) == words("EventPage", "required"))
        #expect(names(events.json["items"]?[0]) == words("Event", "required"))
        let list = await bench.call(.get, "/v1/rollouts")
        #expect(names(list.json) == words("RolloutPage", "required"))
        let gateways = await bench.call(.get, "/v1/gateways")
        #expect(names(gateways.json["items"]?[0]) == words("Gateway", "required"))
        let dry = await bench.call(.post, "/v1/rollouts?dry_run=true", Bench.minimal)
        #expect(names(dry.json["calls"]?[0]) == words("PlanCall", "required"))
        let analysis = await AnalysisTests.answer(batches: 10, failures: 5).json
        #expect(names(analysis) == words("Analysis", "required"))
        #expect(names(analysis["alarm"]) == words("Alarm", "required"))
        for part in ["step", "total", "telemetry"] {
            #expect(
                names(analysis[part]) == words("Analysis", "properties", part, "required"))
        }
        #expect(names(analysis["step"]?["canary"]) == words("VersionCounts", "required"))
        let check = analysis["checks"]?[0]
        #expect(names(check) == words("CheckAssessment", "required"))
        #expect(
            names(check?["comparison"])
                == words("CheckAssessment", "properties", "comparison", "required"))
        #expect(names(check?["canary"]) == words("Figure", "required"))
        #expect(names(rollout.json["analysis"]) == words("AnalysisPolicy", "required"))
        let problem = await bench.call(.get, "/v1/rollouts/nobody")
        #expect(names(problem.json).isSuperset(of: words("Problem", "required")))
    }

    @Test func `every example of a request is accepted`() async throws {
        var count = 0
        for (template, item) in try #require(contract["paths"]?.object) {
            for (method, operation) in item.object ?? [:] {
                for (type, media) in resolved(operation["requestBody"])?["content"]?.object ?? [:] {
                    for (name, example) in media["examples"]?.object ?? [:] {
                        let value = try #require(resolved(example)?["value"])
                        let status = await answer(method, template, type, value)
                        // The secret is told to nobody but Kong.
                        let expected = template.contains("{secret}") ? [404] : [200, 201, 202, 409]
                        #expect(
                            expected.contains(status), "\(method) \(template) \(name): \(status)")
                        count += 1
                    }
                }
            }
        }
        #expect(count >= 10)
    }

    private func answer(
        _ method: String, _ template: String, _ type: String, _ value: JSONValue
    ) async -> Int {
        let bench = Bench(telemetry: Letterbox())
        bench.conductor.set { $0.confirmsAtOnce = true }
        if template.contains("{name}") {
            _ = await bench.call(
                .post, "/v1/rollouts",
                #"{"name":"fraud-v7","route":{"paths":["/predict"]},"#
                    + #""stable":{"version":"v6","targets":["a:80"]},"#
                    + #""canary":{"version":"v7","targets":["b:80"]},"#
                    + #""analysis":{"checks":[{"metric":"measurement","name":"accuracy","#
                    + #""range":[0,1],"better":"higher"}]}}"#)
        }
        let answer = await bench.call(
            method == "patch" ? .patch : .post,
            Self.path(template), value.description,
            [("Content-Type", type)])
        return answer.status
    }
}
