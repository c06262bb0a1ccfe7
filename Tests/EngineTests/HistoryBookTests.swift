import Rollouts
import Testing

@testable import Engine

@Suite struct HistoryBookTests {
    static func event(_ id: Int, _ rollout: String = "a") -> HistoryEvent {
        HistoryEvent(
            id: id, at: Timestamp(milliseconds: 0), rollout: RolloutName(rollout)!, revision: id,
            type: .stepped, from: nil, to: nil, actor: "x", reason: nil, data: .init())
    }

    @Test func `events are seen in the order of their ids, whichever append ended first`() {
        let book = HistoryBook()
        let first = book.begin()
        let second = book.begin()
        book.end(first, Self.event(2))
        #expect(book.page(of: nil, after: 0, limit: 10).events.isEmpty)
        book.end(second, Self.event(1))
        #expect(book.page(of: nil, after: 0, limit: 10).events.map(\.id) == [1, 2])
    }

    @Test func `a failed append holds nobody back`() {
        let book = HistoryBook()
        let failing = book.begin()
        book.end(book.begin(), Self.event(7))
        book.end(failing, nil)
        #expect(book.lastEventID == 7)
    }

    @Test func `what is no longer kept is a gap`() {
        let book = HistoryBook()
        for id in 1...(HistoryBook.perRollout + 5) { book.end(book.begin(), Self.event(id)) }
        book.end(book.begin(), Self.event(1000, "b"))
        #expect(book.page(of: RolloutName("a"), after: 3, limit: 1).hasGap)
        #expect(!book.page(of: RolloutName("a"), after: 5, limit: 1).hasGap)
        #expect(!book.page(of: RolloutName("b"), after: 0, limit: 1).hasGap)
        let page = book.page(of: RolloutName("a"), after: 0, limit: 500)
        #expect(page.events.count == HistoryBook.perRollout && !page.hasMore)
    }

    @Test func `a follower gets what comes after, of the rollout it asked for`() async {
        let book = HistoryBook()
        book.end(book.begin(), Self.event(1))
        var events = book.follow(RolloutName("a")).makeAsyncIterator()
        book.end(book.begin(), Self.event(2, "b"))
        book.end(book.begin(), Self.event(3))
        #expect(await events.next()?.id == 3)
        book.close()
        #expect(await events.next() == nil)
    }

    @Test func `a follower that falls behind gets the end, and nobody else is held up`() async {
        let book = HistoryBook()
        let late = book.follow(nil)
        let other = book.follow(RolloutName("b"))
        for id in 1...(HistoryBook.followerBacklog + 2) { book.end(book.begin(), Self.event(id)) }
        book.end(book.begin(), Self.event(5_000, "b"))
        var count = 0
        for await _ in late { count += 1 }
        #expect(count == HistoryBook.followerBacklog)
        var events = other.makeAsyncIterator()
        #expect(await events.next()?.id == 5_000)
    }

    /// A yield resumes a task under the book's lock; a cancellation ends a stream under the task's.
    @Test(.timeLimit(.minutes(1)))
    func `followers may leave at the moment of an event`() async {
        let book = HistoryBook()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1_000 {
                        let events = book.follow(nil)
                        let follower = Task { for await _ in events {} }
                        await Task.yield()
                        follower.cancel()
                        await follower.value
                    }
                }
            }
            group.addTask {
                for id in 1...20_000 {
                    book.end(book.begin(), Self.event(id))
                    if id % 8 == 0 { await Task.yield() }
                }
            }
        }
        #expect(book.lastEventID == 20_000)
    }
}
