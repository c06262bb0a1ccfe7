import Judgement
import Rollouts
import Testing

@testable import TrafficIntake

/// The numbers are counted from the recordings by other means.
@Suite struct RecordingTests {
    struct Expected: CustomTestStringConvertible {
        let name: String
        var canary = "127.0.0.1:9402"
        let records: Int
        let stable: [Int]
        let canaryCounts: [Int]
        var scored = true
        var testDescription: String { name }
    }

    /// Attempts, failures, hidden failures, first tries, answers, per version.
    static let all = [
        Expected(
            name: "dead-slim", canary: "127.0.0.1:9499", records: 1500,
            stable: [1500, 3, 0, 1136, 1497], canaryCounts: [376, 376, 373, 364, 0]),
        Expected(
            name: "errors-slim", records: 3000, stable: [2400, 13, 0, 2400, 2387],
            canaryCounts: [600, 63, 0, 600, 537]),
        Expected(
            name: "same-slim", records: 4000, stable: [3200, 10, 0, 3200, 3190],
            canaryCounts: [800, 5, 0, 800, 795]),
        Expected(
            name: "same-full", records: 400, stable: [319, 3, 0, 319, 316],
            canaryCounts: [81, 1, 0, 81, 80], scored: false),
        Expected(
            name: "single-object", records: 40, stable: [20, 0, 0, 20, 20],
            canaryCounts: [20, 2, 0, 20, 18], scored: false),
    ]

    @Test(arguments: all)
    func `every attempt is counted on its target`(expected: Expected) throws {
        let scene = Scene(Scene.traffic(canary: [expected.canary]))
        scene.play(try Recording(expected.name))
        #expect(scene.counts.records == expected.records)
        #expect(scene.counts.malformed == 0)
        #expect(scene.counts.duplicates == 0)
        #expect(scene.counts.foreign == 0)
        #expect(Self.numbers(scene.step.stable) == expected.stable)
        #expect(Self.numbers(scene.step.canary) == expected.canaryCounts)
    }

    static func numbers(_ tally: VersionTally) -> [Int] {
        [
            tally.attempts, tally.failures, tally.hiddenFailures, tally.firstTries,
            tally.latency.count,
        ]
    }

    struct Story: CustomTestStringConvertible {
        let name: String
        var canary = "127.0.0.1:9402"
        let metric: Check.Metric?
        /// Canary attempts by the alarm.
        let within: Int
        var testDescription: String { name }
    }

    @Test(arguments: [
        Story(name: "same-slim", metric: nil, within: 0),
        Story(name: "errors-slim", metric: .errorRate, within: 200),
        Story(name: "slow-slim", metric: .latency, within: 280),
        Story(name: "drift-slim", metric: .scoreDrift, within: 160),
        Story(name: "dead-slim", canary: "127.0.0.1:9499", metric: .errorRate, within: 40),
    ])
    func `a bad canary raises the alarm of the right check`(story: Story) throws {
        let scene = Scene(Scene.traffic(policy: Scene.scored, canary: [story.canary]))
        for post in try Recording(story.name).posts {
            scene.receive(post.body, after: post.receivedAt)
            guard let alarm = scene.intake.alarm(of: Scene.name) else { continue }
            #expect(alarm.metric == story.metric)
            #expect(scene.step.canary.attempts <= story.within)
            return
        }
        #expect(story.metric == nil)
    }

    @Test func `full records without the function's field are attributed by address`() throws {
        let scene = Scene(
            Scene.traffic(
                stable: ["model-a:9401"], canary: ["model-b:9402"],
                addresses: [
                    "model-a:9401": ["127.0.0.1:9401"], "model-b:9402": ["127.0.0.1:9402"],
                ]))
        scene.play(try Recording("same-full"))
        #expect(scene.counts.foreign == 0)
        #expect(scene.step.canary.attempts == 81)
    }

    @Test func `a recording sent twice counts once`() throws {
        let scene = Scene()
        let recording = try Recording("errors-slim")
        for post in recording.posts {
            scene.receive(post.body, after: post.receivedAt)
            scene.receive(post.body, after: post.receivedAt + 2000)
        }
        #expect(scene.counts.records == 3000)
        #expect(scene.counts.duplicates == 3000)
        #expect(scene.step.canary.attempts == 600)
    }
}
