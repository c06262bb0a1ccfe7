import Rollouts
import Synchronization
import Testing

@testable import kong_rollouts

@Suite struct NewsLineTests {
    /// A function that passed a lock bare was wrapped once more at each call, so that the stack
    /// ended after some ten thousand.
    @Test func `the hundred-thousandth piece of news is told like the first`() throws {
        let name = try #require(RolloutName("fraud-v7"))
        let heard = Mutex(0)
        let line = NewsLine()
        line.tell(name)
        line.connect { _ in heard.withLock { $0 += 1 } }
        for _ in 0..<100_000 { line.tell(name) }
        #expect(heard.withLock { $0 } == 100_000)
    }
}
