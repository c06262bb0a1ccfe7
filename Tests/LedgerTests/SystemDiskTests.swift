import Glibc
import Ledger
import Rollouts
import TestSupport
import Testing

private let time = Timestamp(milliseconds: 1_000_000)

@Suite struct SystemDiskTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("ledger-test") }

    private func ledger(_ directory: String, compactAfter: Int = 1 << 20) -> JSONLedger {
        JSONLedger(
            directory: directory, program: "test", now: time, compactAfter: compactAfter,
            reserve: 4096)
    }

    @Test func `real files keep what was appended through compactions`() async throws {
        let directory = folder.path + "/data"
        let first = ledger(directory, compactAfter: 2048)
        _ = try await first.load()
        for revision in 1...100 {
            _ = try await first.append(
                entry(
                    "k", replacing: revision == 1 ? nil : revision - 1, revision: revision),
                at: time)
        }
        await first.close()
        #expect(access(directory + "/snapshot.json", F_OK) == 0)
        let second = ledger(directory)
        let loaded = try await second.load()
        #expect(loaded.lastSequence == 100 && loaded.remarks.isEmpty)
        #expect(loaded.documents.map(\.revision) == [100])
        #expect(loaded.events.map(\.sequence) == Array(1...100))
        await second.close()
    }

    @Test func `a second ledger in one directory is refused by process`() async throws {
        let directory = folder.path
        let first = ledger(directory)
        _ = try await first.load()
        var text = ""
        do { _ = try await ledger(directory).load() } catch { text = "\(error)" }
        #expect(text.contains("in use by process \(getpid())"))
        await first.close()
        let third = ledger(directory)
        _ = try await third.load()
        await third.close()
    }

    @Test func `a process killed outright loses nothing acknowledged`() async throws {
        let directory = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
            let time = Timestamp(milliseconds: 1_000_000)
            let ledger = JSONLedger(
                directory: directory, program: "test", now: time, compactAfter: 4096)
            _ = try await ledger.load()
            for number in 0..<50 {
                _ = try await ledger.append(
                    LedgerEntry(
                        key: "k/\(number)", replacing: nil, revision: 1,
                        document: Array("{\"number\":\(number)}".utf8)), at: time)
            }
            kill(getpid(), SIGKILL)
        }
        let again = ledger(directory)
        let loaded = try await again.load()
        #expect(loaded.lastSequence == 50 && loaded.documents.count == 50)
        await again.close()
    }

    @Test func `a directory that cannot be made is told`() async throws {
        let missing = folder.path + "/no/such"
        await #expect(throws: LedgerError.self) { try await ledger(missing).load() }
    }
}
