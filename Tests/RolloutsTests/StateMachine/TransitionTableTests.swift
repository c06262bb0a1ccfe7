import Foundation
import Testing

@Suite struct TransitionTableTests {
    /// `make docs` sets the variable and so writes what this test otherwise compares.
    @Test func `the documented state machine is the one that runs`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/state-machine.md").standardized
        if ProcessInfo.processInfo.environment["WRITE_DOCS"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(TransitionTable.text.utf8).write(to: file)
        }
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(written == TransitionTable.text, "run `make docs`")
    }
}
