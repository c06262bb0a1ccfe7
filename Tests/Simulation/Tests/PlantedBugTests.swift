import SimulatedWorld
import Testing

/// A checker that never fires proves nothing: each planted bug has to be found, by the law that
/// it breaks, within so many seeds.
@Suite struct PlantedBugTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let bug: PlantedBug
        let seeds: Int
        /// One of these words begins the violation.
        let laws: [String]
        var testDescription: String { bug.rawValue }
    }

    static let planted = [
        Case(bug: .saveAfterAct, seeds: 5, laws: ["durability:", "exposure:"]),
        Case(bug: .directoryNotSynced, seeds: 40, laws: ["durability:"]),
        Case(bug: .stableFirst, seeds: 10, laws: ["weights:"]),
        Case(bug: .abortOvertaken, seeds: 100, laws: ["abort:"]),
        Case(bug: .keyForgotten, seeds: 60, laws: ["keys:", "durability: the key"]),
        Case(bug: .earlyHold, seeds: 20, laws: ["confirmation:"]),
    ]

    @Test(arguments: planted) func `a planted bug is found`(planted: Case) throws {
        let run = try SimulateProgram(
            "--bug", planted.bug.rawValue, "--seeds", "\(planted.seeds)")
        #expect(run.status == 1, "not found in \(planted.seeds) seeds")
        #expect(planted.laws.contains { run.text.contains("    \($0)") }, "\(run.text)")
    }

    @Test func `every bug is looked for`() {
        #expect(Set(Self.planted.map(\.bug)) == Set(PlantedBug.allCases))
    }
}
