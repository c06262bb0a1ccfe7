import Logging
import Observability
import Rollouts
import Synchronization
import Testing

@Suite struct LineLogHandlerTests {
    @Test func `a line has its second, level, sorted metadata and message`() {
        let lines = Mutex<[String]>([])
        let now = Mutex(Timestamp(milliseconds: 1_795_424_700_999))
        let logger = Logger(label: "kong-rollouts") { label in
            LineLogHandler(
                label: label, now: { now.withLock { $0 } },
                to: LineSink { bytes in
                    lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
                })
        }
        logger.info("rollout changed", metadata: ["type": "paused", "actor": "ci"], source: "X")
        now.withLock { $0 = $0.advanced(byMilliseconds: 1) }
        logger.debug("not at this level")
        logger.warning("plain", source: "X")
        #expect(
            lines.withLock { $0 } == [
                "2026-11-23T09:05:00+0000 info kong-rollouts: actor=ci type=paused [X] "
                    + "rollout changed\n",
                "2026-11-23T09:05:01+0000 warning kong-rollouts: [X] plain\n",
            ])
    }
}
