import Logging
import Observability
import Rollouts
import Synchronization
import Testing

@Suite struct LineSinkTests {
    private final class Written: Sendable {
        let pieces = Mutex<[String]>([])
        var all: [String] { pieces.withLock { $0 } }
    }

    private func sink(_ written: Written) -> (LineSink, Logger) {
        let sink = LineSink { bytes in
            written.pieces.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let logger = Logger(label: "l") { label in
            LineLogHandler(label: label, now: { Timestamp(milliseconds: 0) }, to: sink)
        }
        return (sink, logger)
    }

    @Test func `lines are written at once, and together where they are gathered`() {
        let written = Written()
        let (sink, logger) = sink(written)
        logger.info("a")
        logger.info("b")
        #expect(written.all.count == 2)
        sink.together {
            logger.info("c")
            sink.together { logger.info("d") }
            #expect(written.all.count == 2)
        }
        #expect(written.all.count == 3)
        let messages = written.all.joined().split(separator: "\n").map { $0.suffix(1) }
        #expect(messages == ["a", "b", "c", "d"])
        sink.together {}
        #expect(written.all.count == 3)
        logger.info("e")
        #expect(written.all.count == 4)
    }

    @Test func `what is gathered waits in bounded memory`() {
        let written = Written()
        let (sink, logger) = sink(written)
        sink.together {
            for _ in 0..<100 { logger.info("\(String(repeating: "x", count: 2000))") }
            #expect(written.all.count >= 2)
        }
        #expect(written.all.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count < 70_000 })
        #expect(written.all.joined().split(separator: "\n").count == 100)
    }
}
