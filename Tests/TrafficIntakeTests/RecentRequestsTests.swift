import TestSupport
import Testing

@testable import TrafficIntake

@Suite struct RecentRequestsTests {
    static func window(_ budget: Int = 1 << 30) -> RecentRequests {
        RecentRequests(budget: MemoryBudget(bytes: budget))
    }

    @Test(arguments: [1, 10, 200, 1000])
    func `a batch that comes again is known in full`(size: Int) {
        var seed = Seed(UInt64(size))
        var recent = Self.window()
        for round in 0..<200 {
            let batch = (0..<size).map { _ in seed.next() }
            recent.prepare(for: size, at: Int64(round) * 1000)
            #expect(batch.allSatisfy { !recent.recognizes($0) })
            recent.prepare(for: size, at: Int64(round) * 1000 + 500)
            #expect(batch.allSatisfy { recent.recognizes($0) }, "round \(round)")
        }
    }

    @Test func `a minute of the traffic is remembered, and growing forgets nothing`() {
        var seed = Seed(1)
        var recent = Self.window()
        var sent: [[UInt64]] = []
        for second in 0..<120 {
            let batch = (0..<200).map { _ in seed.next() }
            sent.append(batch)
            recent.prepare(for: 200, at: Int64(second) * 1000)
            for identity in batch { _ = recent.recognizes(identity) }
        }
        recent.prepare(for: 0, at: 120_000)
        let known = sent[60...].joined().count { recent.recognizes($0) }
        #expect(known >= 11_950, "of 12,000")
        #expect(recent.bytes <= 256 << 10)
    }

    @Test func `a slow rollout needs little memory`() {
        var seed = Seed(2)
        var recent = Self.window()
        for second in 0..<1000 {
            recent.prepare(for: 2, at: Int64(second) * 1000)
            for _ in 0..<2 { _ = recent.recognizes(seed.next()) }
        }
        #expect(recent.bytes <= 2048)
    }

    @Test func `memory ends at its bound whatever arrives`() {
        var seed = Seed(3)
        var recent = Self.window()
        for _ in 0..<1000 {
            recent.prepare(for: 2000, at: 0)
            for _ in 0..<2000 { _ = recent.recognizes(seed.next()) }
        }
        #expect(recent.capacity == RecentRequests.most)
        #expect(recent.bytes == 256 << 10)
    }

    @Test func `without a budget every rollout still has the last thousand`() {
        let budget = MemoryBudget(bytes: 0)
        var seed = Seed(4)
        for _ in 0..<20 {
            var recent = RecentRequests(budget: budget)
            recent.prepare(for: 5000, at: 0)
            #expect(recent.capacity == RecentRequests.always)
            let batch = (0..<200).map { _ in seed.next() }
            for identity in batch { _ = recent.recognizes(identity) }
            #expect(batch.allSatisfy { recent.recognizes($0) })
        }
    }

    @Test func `what one rollout gives back another may take`() {
        let budget = MemoryBudget(bytes: 300 << 10)
        var one = RecentRequests(budget: budget)
        var other = RecentRequests(budget: budget)
        one.prepare(for: 100_000, at: 0)
        other.prepare(for: 100_000, at: 0)
        #expect(one.capacity == RecentRequests.most)
        #expect(other.capacity < RecentRequests.most)
        one.forgetAll()
        other.prepare(for: 100_000, at: 0)
        #expect(other.capacity == RecentRequests.most)
        #expect(one.capacity == 0)
    }

    @Test func `few strangers are taken for others`() {
        var seed = Seed(5)
        var recent = Self.window()
        var mistaken = 0
        for _ in 0..<500 {
            recent.prepare(for: 400, at: 0)
            for _ in 0..<400 where recent.recognizes(seed.next()) { mistaken += 1 }
        }
        #expect(mistaken == 0, "of 200,000")
    }
}
