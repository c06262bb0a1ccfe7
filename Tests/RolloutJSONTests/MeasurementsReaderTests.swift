import JSONText
import RolloutJSON
import Rollouts
import Testing

@Suite struct MeasurementsReaderTests {
    static func plan() throws -> RolloutPlan {
        try PlanReaderTests.read(
            PlanReaderTests.minimal.merging([
                "canary": ["version": "v7"], "stable": ["version": "v6"],
                "analysis": [
                    "checks": [
                        AnalysisReaderTests.measurement([:]),
                        [
                            "metric": "measurement", "name": "cost", "range": [-5, 5],
                            "better": "lower",
                        ],
                    ]
                ],
            ]))
    }

    @Test func `one value, several of one version, and several of all`() throws {
        let plan = try Self.plan()
        #expect(
            try MeasurementsReader.read(
                ["metric": "accuracy", "version": "canary", "value": 0.93], of: plan)
                == [Measurement(metric: "accuracy", isCanary: true, value: 0.93)])
        #expect(
            try MeasurementsReader.read(
                ["metric": "cost", "version": "v6", "values": [-5, 5, 0]], of: plan)
                == [-5, 5, 0].map { Measurement(metric: "cost", isCanary: false, value: $0) })
        #expect(
            try MeasurementsReader.read(
                [
                    "measurements": [
                        ["metric": "cost", "version": "stable", "value": 1],
                        ["metric": "accuracy", "version": "v7", "values": [0, 1]],
                    ]
                ], of: plan)
                == [
                    Measurement(metric: "cost", isCanary: false, value: 1),
                    Measurement(metric: "accuracy", isCanary: true, value: 0),
                    Measurement(metric: "accuracy", isCanary: true, value: 1),
                ])
    }

    @Test(arguments: [
        (nil, ["": "object"]), ([], ["": "object"]), (1, ["": "object"]),
        ([:], ["/metric": "required", "/version": "required", "/value": "required"]),
        (
            ["metric": "speed", "version": "v8", "value": "1"],
            ["/metric": "\"accuracy\", \"cost\"", "/version": "\"v7\"", "/value": "number"]
        ),
        (["metric": "cost", "version": "v7", "value": 5.01], ["/value": "-5.0 to 5.0"]),
        (["metric": "cost", "version": "v7", "value": 1, "values": [1]], ["/values": "beside"]),
        (["metric": "cost", "version": "v7", "values": []], ["/values": "1 to 1000"]),
        (
            ["metric": "accuracy", "version": "v7", "values": [0, 2, nil, 1, -1]],
            ["/values/1": "range", "/values/2": "number", "/values/4": "range"]
        ),
        (["metric": "cost", "version": "v7", "value": 1, "at": 5], ["/at": "not known"]),
        (["measurements": nil], ["/measurements": "array"]),
        (["measurements": []], ["/measurements": "1 to 1000"]),
        (["measurements": [1, nil]], ["/measurements/0": "object", "/measurements/1": "object"]),
        (
            ["measurements": [["metric": "cost", "version": "v7", "value": 9]], "x": 1],
            ["/x": "not known", "/measurements/0/value": "range"]
        ),
    ] as [(JSONValue, [String: String])])
    func `what is wrong is named with its place, and nothing is taken`(
        body: JSONValue, wrong: [String: String]
    ) throws {
        let plan = try Self.plan()
        let faults = #expect(throws: Faults.self) {
            try MeasurementsReader.read(body, of: plan)
        }
        let found = try #require(faults).all
        #expect(Set(found.map(\.pointer.description)) == Set(wrong.keys), "\(found)")
        for fault in found {
            #expect(fault.detail.contains(wrong[fault.pointer.description] ?? "?"), "\(fault)")
        }
    }

    @Test func `a thousand values are taken, one more is not`() throws {
        let plan = try Self.plan()
        func body(_ count: Int) -> JSONValue {
            let values = JSONValue.array(Array(repeating: 0.5, count: 500))
            let more = JSONValue.array(Array(repeating: 0.5, count: count - 500))
            return [
                "measurements": [
                    ["metric": "cost", "version": "v7", "values": values],
                    ["metric": "cost", "version": "v6", "values": more],
                ]
            ]
        }
        #expect(try MeasurementsReader.read(body(1000), of: plan).count == 1000)
        #expect(throws: Faults.self) { try MeasurementsReader.read(body(1001), of: plan) }
    }

    @Test func `without a measurement check nothing can be pushed`() throws {
        let plan = try PlanReaderTests.read(PlanReaderTests.minimal)
        let faults = #expect(throws: Faults.self) {
            try MeasurementsReader.read(
                ["metric": "cost", "version": "canary", "value": 1], of: plan)
        }
        #expect(faults?.all.first?.detail.contains("no measurement check") == true)
    }
}
