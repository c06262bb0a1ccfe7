import Foundation
import FuzzLaws
import Testing

/// A second of each law; the long run is `make fuzz`.
@Suite(.serialized) struct FuzzTests {
    static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Corpus")

    @Test(arguments: 0..<FuzzLaws.all.count)
    func `every law holds for the corpus and for what is made of it`(number: Int) async throws {
        try await Self.run(FuzzLaws.all[number])
    }

    private static func run<Law: FuzzLaw>(_ law: Law.Type) async throws {
        var run = FuzzRun()
        try await run.feed(
            law, corpus: Corpus.read(corpus.appending(path: Law.name)), seed: 20_261_123,
            for: .seconds(1))
        let failure = run.failure.map { "\($0.violation)\n\(Data($0.input).base64EncodedString())" }
        #expect(failure == nil, "\(Law.name)")
        #expect(run.taken > 0 && run.taken < run.inputs, "\(Law.name): \(run)")
    }
}
