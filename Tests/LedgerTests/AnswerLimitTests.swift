import Rollouts
import Testing

@testable import Ledger

/// No more answers are kept than a service ever remembers.
@Suite struct AnswerLimitTests {
    @Test func `of too many answers those that last longest are kept`() {
        var contents = LedgerContents()
        let count = 5 * KeptAnswer.limit
        for number in 1...count {
            let answer = KeptAnswer(
                key: "key \(number)", json: Array("{}".utf8),
                expires: Timestamp(milliseconds: Int64(1_000_000 + number)))
            contents.apply(
                JournalLine(
                    sequence: number, batchIndex: 0, time: 1, key: "", change: nil, event: nil,
                    answer: answer))
        }
        let kept = contents.answers(at: 1).map(\.key)
        let expected = (count - KeptAnswer.limit + 1...count).reversed().map { "key \($0)" }
        #expect(kept == expected)
    }
}
