import SimulatedWorld
import Testing

/// A checker that never fires proves nothing: each planted bug has to be found, by the law that
/// it breaks, within so many seeds.
@Suite struct PlantedBugTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let bug: PlantedBug
        let seeds: Int
        /// How the violation begins.
        let law: String
        var testDescription: String { bug.rawValue }
    }

    static let planted = [
        Case(bug: .saveAfterAct, seeds: 5, law: "durability:"),
        Case(bug: .directoryNotSynced, seeds: 40, law: "durability:"),
        Case(bug: .stableFirst, seeds: 100, law: "weights:"),
        Case(bug: .serviceFirst, seeds: 100, law: "weights: a service names"),
        Case(bug: .raisedBeforeSwitch, seeds: 100, law: "exposure: the service is switched"),
        Case(bug: .abortOvertaken, seeds: 100, law: "abort:"),
        Case(bug: .keyForgotten, seeds: 100, law: "keys:"),
        Case(bug: .earlyHold, seeds: 100, law: "confirmation:"),
    ]

    @Test(arguments: planted) func `a planted bug is found`(planted: Case) throws {
        let run = try SimulateProgram(
            "--bug", planted.bug.rawValue, "--seeds", "\(planted.seeds)", "--until", planted.law)
        #expect(run.status == 1, "not found in \(planted.seeds) seeds")
        #expect(run.text.contains("    \(planted.law)"), "\(run.text)")
    }

    @Test func `every bug is looked for`() {
        #expect(Set(Self.planted.map(\.bug)) == Set(PlantedBug.allCases))
    }
}
