import JSONText
@testable import Sandbox
import Testing

@Suite struct LogQueueTests {
    private static func plugin(_ config: String, endpoint: String = "http://log/in?token=1") throws -> Row {
        let text = #"{"name": "http-log", "config": {"http_endpoint": "\#(endpoint)", \#(config)}}"#
        return try #require(LuaValue(json: Array(text.utf8))?.table)
    }

    private static func settings(_ config: String) throws -> HTTPLogSettings {
        try #require(HTTPLogSettings(try plugin(config)))
    }

    /// A queue of numbers, posted as `{"number": 1}`.
    private static func queues(_ posts: Posts) -> LogQueues<Int> {
        LogQueues(
            write: { numbers, asArray in
                let objects = numbers.map { number -> JSONValue in ["number": .number(JSONNumber(number))] }
                return (asArray ? .array(objects) : objects[0]).encoded()
            }, post: posts.take)
    }

    private static func put(
        _ count: Int, from first: Int = 0, _ settings: HTTPLogSettings, in queues: LogQueues<Int>
    ) {
        for number in first..<(first + count) { queues.put(number, for: settings) }
    }

    private static func numbers(_ body: JSONValue) -> [Int] {
        (body.array.map(Array.init) ?? [body]).compactMap { $0["number"]?.int }
    }

    @Test func `a batch of one is an object, of more an array even of one`() async throws {
        let posts = Posts()
        let queues = Self.queues(posts)
        Self.put(2, try Self.settings(#""queue": {"max_batch_size": 1}"#), in: queues)
        try await eventually { posts.bodies.count == 2 }
        #expect(posts.bodies.allSatisfy { $0["number"] != nil })
        Self.put(
            1, try Self.settings(
                #""timeout": 7, "queue": {"max_batch_size": 9, "max_coalescing_delay": 0.001}"#),
            in: queues)
        try await eventually { posts.bodies.count == 3 }
        #expect(posts.bodies.last?.array?.count == 1)
        await queues.stop()
    }

    @Test func `a full batch leaves at once, and one at a time`() async throws {
        let posts = Posts()
        let queues = Self.queues(posts)
        let settings = try Self.settings(#""queue": {"max_batch_size": 10, "max_coalescing_delay": 3600}"#)
        posts.close()
        Self.put(30, settings, in: queues)
        try await eventually { posts.underWay == 1 }
        posts.open()
        try await eventually { posts.bodies.count == 3 }
        #expect(posts.mostAtOnce == 1)
        #expect(posts.bodies.flatMap(Self.numbers) == Array(0..<30))
        Self.put(9, from: 30, settings, in: queues)
        #expect(queues.tally.posts == 3)
        Self.put(1, from: 39, settings, in: queues)
        try await eventually { posts.bodies.count == 4 }
        await queues.stop()
    }

    @Test func `a batch that is not taken is sent again, and the next waits for it`() async throws {
        let posts = Posts()
        let queues = Self.queues(posts)
        let settings = try Self.settings(
            #""queue": {"max_batch_size": 2, "max_coalescing_delay": 0.001, "initial_retry_delay": 0.001}"#)
        posts.refuse(3)
        Self.put(4, settings, in: queues)
        try await eventually { posts.bodies.count == 2 }
        #expect(posts.bodies.flatMap(Self.numbers) == [0, 1, 2, 3])
        try await eventually { queues.tally == LogTally(posts: 2, delivered: 4, failedPosts: 3) }
        await queues.stop()
    }

    @Test func `a batch whose time for retries is over is lost, and the next is sent`() async throws {
        let posts = Posts()
        let queues = Self.queues(posts)
        let settings = try Self.settings(#""queue": {"max_batch_size": 1, "max_retry_time": 0}"#)
        posts.refuse(1)
        Self.put(2, settings, in: queues)
        try await eventually { posts.bodies.count == 1 }
        #expect(Self.numbers(posts.bodies[0]) == [1])
        #expect(queues.tally.lost == 1)
        await queues.stop()
    }

    @Test func `a full queue lets go of its oldest`() async throws {
        let posts = Posts()
        let queues = Self.queues(posts)
        let settings = try Self.settings(
            #""queue": {"max_batch_size": 1, "max_entries": 5}"#)
        posts.close()
        Self.put(1, settings, in: queues)
        try await eventually { posts.underWay == 1 }
        Self.put(20, from: 1, settings, in: queues)
        posts.open()
        try await eventually { posts.bodies.count == 6 }
        #expect(posts.bodies.flatMap(Self.numbers) == [0, 16, 17, 18, 19, 20])
        #expect(queues.tally.dropped == 15)
        await queues.stop()
    }

    @Test func `delays grow twofold up to the longest`() throws {
        let settings = try Self.settings(
            #""queue": {"initial_retry_delay": 0.01, "max_retry_delay": 0.1}"#)
        let delays = [0, 1, 2, 3, 4, 60].map(settings.retryDelay)
        #expect(delays == [10, 20, 40, 80, 100, 100].map { .milliseconds($0) })
    }

    @Test func `the older fields rule where they are not at their old defaults`() throws {
        let queue = #""queue": {"max_batch_size": 200, "max_coalescing_delay": 0.2}"#
        let old = try Self.settings(#""queue_size": 50, "flush_timeout": 3, "retry_count": 4, \#(queue)"#)
        #expect(old.batchSize == 50)
        #expect(old.coalescing == .seconds(3))
        let new = try Self.settings(#""queue_size": 1, "flush_timeout": 2, \#(queue)"#)
        #expect(new.batchSize == 200)
        #expect(new.coalescing == .milliseconds(200))
        #expect(old.queueName != new.queueName)
    }

    @Test func `the endpoint loses its query and gives its credentials as a header`() throws {
        let settings = try #require(
            HTTPLogSettings(
                try Self.plugin(#""headers": {"x-a": "1"}"#, endpoint: "http://u:p@log:81/in?token=1")))
        #expect(settings.url == "http://log:81/in")
        #expect(settings.headers.map(\.0) == ["Content-Type", "x-a", "Authorization"])
        #expect(settings.headers.last?.1 == "Basic dTpw")
    }

    @Test func `a backlog gives back in order what was put in`() {
        var backlog = Backlog<Int>()
        var (next, expected) = (0, 0)
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<2000 {
            for _ in 0..<Int.random(in: 0...5, using: &numbers) {
                backlog.append(next)
                next += 1
            }
            for taken in backlog.take(.random(in: 0...5, using: &numbers)) {
                #expect(taken == expected)
                expected += 1
            }
            #expect(backlog.count == next - expected)
        }
    }
}
