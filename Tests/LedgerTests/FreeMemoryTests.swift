import Glibc
import Ledger
import Rollouts
import Synchronization
import Testing

@Suite struct FreeMemoryTests {
    private static let time = Timestamp(milliseconds: 1_000_000)

    @Test func `what lies free amid what is kept goes back to the system`() {
        // Below what glibc maps apart: all of these lie in a thread's heap, side by side.
        let pieces = (0..<1000).map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 16)
        }
        for piece in pieces { memset(piece, 1, 65_536) }
        let kept = stride(from: 0, to: 1000, by: 8).map { pieces[$0] }
        let freed = (0..<1000).filter { $0 % 8 != 0 }.map { pieces[$0] }
        for piece in freed { piece.deallocate() }
        defer { for piece in kept { piece.deallocate() } }
        #expect(Self.resident(among: freed) > freed.count / 2)
        SystemThreads().releaseFreeMemory()
        // Other threads may have taken some of it.
        #expect(Self.resident(among: freed) < freed.count / 4)
    }

    @Test func `a compaction is followed by giving free memory back`() async throws {
        let threads = CountingThreads()
        let ledger = JSONLedger(
            directory: "data", program: "test", now: Self.time, compactAfter: 4096,
            disk: SimulatedDisk(), threads: threads)
        _ = try await ledger.load()
        #expect(threads.releases.load(ordering: .relaxed) == 0)
        var revision = 0
        // Forty fill a journal.
        while threads.releases.load(ordering: .relaxed) < 2, revision < 20_000 {
            _ = try await ledger.append(
                entry("k", replacing: revision == 0 ? nil : revision, revision: revision + 1),
                at: Self.time)
            revision += 1
        }
        await ledger.close()
        #expect(threads.releases.load(ordering: .relaxed) >= 2)
    }

    /// How many of these pieces have their middle in memory.
    private static func resident(among pieces: [UnsafeMutableRawPointer]) -> Int {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        return pieces.count { piece in
            let middle = (UInt(bitPattern: piece) + 32_768) & ~(page - 1)
            var isResident: UInt8 = 0
            return mincore(UnsafeMutableRawPointer(bitPattern: middle), Int(page), &isResident) == 0
                && isResident & 1 == 1
        }
    }
}

/// The system's threads, and how often free memory was given back.
private final class CountingThreads: LedgerThreads {
    let releases = Atomic(0)
    private let system = SystemThreads()

    func start(_ work: @escaping @Sendable () -> Void) -> Bool { system.start(work) }
    func now() -> Duration { system.now() }
    func makeGate() -> any ThreadGate { system.makeGate() }
    func releaseFreeMemory() { releases.add(1, ordering: .relaxed) }
}
