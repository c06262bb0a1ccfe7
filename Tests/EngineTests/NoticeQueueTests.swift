import Engine
import Synchronization
import Testing

@Suite struct NoticeQueueTests {
    @Test func `everything is told in order, and the oldest are left out when too many wait`()
        async
    {
        let queue = NoticeQueue(limit: 3)
        for number in 1...5 { queue.put(.remark("\(number)")) }
        let (told, tell) = AsyncStream.makeStream(of: String.self)
        let work = Task {
            await queue.run { notices in
                for case .remark(let text) in notices { tell.yield(text) }
            }
            tell.finish()
        }
        var reader = told.makeAsyncIterator()
        for number in 3...5 { #expect(await reader.next() == "\(number)") }
        queue.put(.remark("6"))
        #expect(await reader.next() == "6")
        work.cancel()
        #expect(await reader.next() == nil)
    }

    @Test func `what waits when it ends is told`() async {
        let queue = NoticeQueue(limit: 3)
        queue.put(.remark("last"))
        let told = Mutex(0)
        let work = Task { await queue.run { notices in told.withLock { $0 += notices.count } } }
        work.cancel()
        await work.value
        #expect(told.withLock { $0 } == 1)
    }
}
