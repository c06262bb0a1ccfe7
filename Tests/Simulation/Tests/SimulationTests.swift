import Testing

/// Seeded worlds: the real engine, gateway and ledger over a disk and a Kong that fail.
@Suite struct SimulationTests {
    @Test func `in two hundred worlds every promise holds`() throws {
        let run = try SimulateProgram("--seeds", "200")
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("runs: 200"))
    }

    @Test
    func `whatever call to the disk is the last, a restart goes on from what was saved`() throws {
        let run = try SimulateProgram("--every-call", "60")
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("runs: 120"))
        for death in ["service: killed: ", "service: power lost: "] {
            // A short world may end before the later calls.
            let count = run.text.firstRange(of: death).flatMap { range in
                Int(run.text[range.upperBound...].prefix { $0.isNumber })
            }
            #expect(count ?? 0 >= 45, "\(run.text)")
        }
    }

    @Test func `a seed is the same run again`() throws {
        let first = try SimulateProgram("--from", "300", "--seeds", "20")
        let second = try SimulateProgram("--from", "300", "--seeds", "20")
        #expect(first.text.contains("digest"))
        #expect(first.text == second.text)
    }

    /// Seeds that once broke a law, with what it was.
    @Test(arguments: FoundSeeds.all) func `what was found stays mended`(seed: Int) throws {
        let run = try SimulateProgram("--seed", "\(seed)", "--quiet")
        #expect(run.status == 0, "\(run.text)")
    }
}
