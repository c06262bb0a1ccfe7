import Ledger
import Rollouts
import TestSupport
import Testing

/// The contract, once over each ledger.
@Suite struct LedgerContractTests {
    @Suite struct InMemory {
        let contract = LedgerContract { InMemoryLedger(now: Timestamp(milliseconds: 0)) }

        @Test func `appends are numbered from one`() async throws {
            try await contract.appendsAreNumberedFromOne()
        }
        @Test func `a revision is replaced only by those who know it`() async throws {
            try await contract.aRevisionIsReplacedOnlyByThoseWhoKnowIt()
        }
        @Test func `a forgotten key is absent`() async throws {
            try await contract.aForgottenKeyIsAbsent()
        }
        @Test func `of many writers one wins`() async throws {
            try await contract.ofManyWritersOneWins()
        }
        @Test func `followers see every change in order`() async throws {
            try await contract.followersSeeEveryChangeInOrder()
        }
        @Test func `a follower too far behind is let go`() async throws {
            try await contract.aFollowerTooFarBehindIsLetGo()
        }
        @Test func `what cannot be a line is refused`() async throws {
            try await contract.whatCannotBeALineIsRefused()
        }
        @Test func `a closed ledger says so`() async throws {
            try await contract.aClosedLedgerSaysSo()
        }
    }

    @Suite struct OnDisk {
        private let folder: TemporaryFolder
        /// On real files, each ledger in a directory of its own.
        private let contract: LedgerContract<JSONLedger>

        init() throws {
            let folder = try TemporaryFolder("ledger-contract")
            self.folder = folder
            contract = LedgerContract {
                JSONLedger(
                    directory: "\(folder.path)/\(UInt64.random(in: 0 ... .max))",
                    program: "test", now: Timestamp(milliseconds: 0), reserve: 4096)
            }
        }

        @Test func `appends are numbered from one`() async throws {
            try await contract.appendsAreNumberedFromOne()
        }
        @Test func `a revision is replaced only by those who know it`() async throws {
            try await contract.aRevisionIsReplacedOnlyByThoseWhoKnowIt()
        }
        @Test func `a forgotten key is absent`() async throws {
            try await contract.aForgottenKeyIsAbsent()
        }
        @Test func `of many writers one wins`() async throws {
            try await contract.ofManyWritersOneWins()
        }
        @Test func `followers see every change in order`() async throws {
            try await contract.followersSeeEveryChangeInOrder()
        }
        @Test func `a follower too far behind is let go`() async throws {
            try await contract.aFollowerTooFarBehindIsLetGo()
        }
        @Test func `what cannot be a line is refused`() async throws {
            try await contract.whatCannotBeALineIsRefused()
        }
        @Test func `a closed ledger says so`() async throws {
            try await contract.aClosedLedgerSaysSo()
        }
    }
}
