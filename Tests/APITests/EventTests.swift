import HTTPMessage
import HTTPTypes
import JSONText
import Rollouts
import Testing

@Suite struct EventTests {
    static let stream = ("Accept", "text/event-stream")

    /// What came so far, once `isEnough` says so.
    func text(
        of answer: Answer, until isEnough: (String) -> Bool
    ) async throws -> String {
        guard case .stream(let body) = answer.response.body else {
            Issue.record("no stream")
            return ""
        }
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(text) {
            switch buffer.withUnsafeMutableBytes({ body.drain(into: $0) }) {
            case .bytes(let count): text += String(decoding: buffer[..<count], as: UTF8.self)
            case .nothing: await Task.yield()
            case .finished, .cutOff: return text + "END"
            }
        }
        return text
    }

    func ids(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap {
            $0.hasPrefix("id: ") ? Int($0.dropFirst(4)) : nil
        }
    }

    @Test func `history comes page by page`() async {
        let bench = Bench()
        await bench.create("a")
        await bench.create("b")
        _ = await bench.call(.post, "/v1/rollouts/a/pause")
        let all = await bench.call(.get, "/v1/events")
        #expect(all.json["items"]?.array?.count == 3 && all.json["next_cursor"] == .null)
        #expect(all.json["items"]?[0]?["id"] == 101)
        let first = await bench.call(.get, "/v1/rollouts/a/events?limit=1")
        #expect(first.json["next_cursor"] == "101")
        #expect(first["Link"] == "</v1/rollouts/a/events?limit=1&after=101>; rel=\"next\"")
        let second = await bench.call(.get, "/v1/rollouts/a/events?limit=1&after=101")
        #expect(second.json["items"]?[0]?["type"] == "paused")
        #expect(second.json["next_cursor"] == .null)
        #expect(await bench.call(.get, "/v1/rollouts/zz/events").isProblem("not-found", 404))
    }

    @Test func `a stream tells what happens from now on`() async throws {
        let bench = Bench()
        await bench.create()
        let answer = await bench.call(.get, "/v1/rollouts/fraud-v7/events", nil, [Self.stream])
        #expect(answer["Content-Type"] == "text/event-stream")
        _ = await bench.call(.post, "/v1/rollouts/fraud-v7/pause")
        let text = try await text(of: answer) { $0.contains("paused") && $0.hasSuffix("\n\n") }
        #expect(text.hasPrefix("retry: 2000\n\n"))
        #expect(ids(text) == [102])
        #expect(text.contains("event: paused\ndata: {\"id\":102,"))
        guard case .stream(let body) = answer.response.body else { return }
        #expect(body.heartbeatInterval == .seconds(15) && body.heartbeat.first == UInt8(ascii: ":"))
    }

    @Test func `a stream goes on after the last event seen, none lost and none twice`() async throws {
        let bench = Bench()
        for name in ["a", "b", "c"] { await bench.create(name) }
        let answer = await bench.call(.get, "/v1/events", nil, [Self.stream, ("Last-Event-ID", "101")])
        _ = await bench.call(.post, "/v1/rollouts/b/pause")
        let text = try await text(of: answer) { ids($0).last == 104 }
        #expect(ids(text) == [102, 103, 104])
    }

    @Test func `a stream says first what is no longer kept`() async throws {
        let bench = Bench()
        await bench.create()
        bench.conductor.set { $0.gap = true }
        let answer = await bench.call(.get, "/v1/events", nil, [Self.stream, ("Last-Event-ID", "1")])
        let text = try await text(of: answer) { ids($0) == [101] }
        #expect(text.contains("\n\nevent: gap\n"))
    }

    @Test func `the stream of an ended rollout ends, and the next one is 204`() async throws {
        let bench = Bench()
        await bench.create()
        let name = try #require(RolloutName("fraud-v7"))
        _ = await bench.call(.post, "/v1/rollouts/fraud-v7/abort")
        bench.conductor.confirm(name)
        let path = "/v1/rollouts/fraud-v7/events"
        let answer = await bench.call(.get, path, nil, [Self.stream, ("Last-Event-ID", "100")])
        var drained = try #require(bench.conductor.state(of: name)).rollout.changed(
            at: bench.clock.now)
        drained.drainedAt = bench.clock.now
        bench.conductor.save(
            drained, .drained,
            CommandTerms(actor: "kong", reason: nil, revisions: nil, answer: nil))
        let text = try await text(of: answer) { $0.hasSuffix("END") }
        #expect(ids(text) == [101, 102, 103, 104])
        let over = await bench.call(.get, path, nil, [Self.stream, ("Last-Event-ID", "104")])
        #expect(over.status == 204)
        let rest = await bench.call(.get, path, nil, [Self.stream, ("Last-Event-ID", "103")])
        #expect(rest.status == 200)
        #expect(ids(try await self.text(of: rest) { $0.hasSuffix("END") }) == [104])
    }

    @Test func `a client that has gone frees its place`() async throws {
        let bench = Bench()
        await bench.create()
        for _ in 0..<2_100 {
            let answer = await bench.call(.get, "/v1/events", nil, [Self.stream])
            guard answer.status == 200, case .stream(let body) = answer.response.body else {
                Issue.record("no stream")
                return
            }
            body.close()
        }
        for _ in 0..<2_048 {
            #expect(await bench.call(.get, "/v1/events", nil, [Self.stream]).status == 200)
        }
        let next = await bench.call(.get, "/v1/events", nil, [Self.stream])
        #expect(next.isProblem("unavailable", 503))
        #expect(await bench.call(.head, "/v1/events", nil, [Self.stream]).status == 200)
    }
}
