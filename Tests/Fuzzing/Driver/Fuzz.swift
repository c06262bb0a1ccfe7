import Foundation
import FuzzLaws

/// `fuzz [--minutes 10] [--seed N] [--law NAME] [--corpus DIRECTORY]`
///
/// Every law gets its part of the time. An input that breaks a law, or ends the process, is left
/// in the corpus' directory as `NAME/found-….bin`; with it there, the tests fail until it is
/// mended.
@main struct Fuzz {
    static func main() async throws {
        let options = Options(CommandLine.arguments.dropFirst())
        let laws = FuzzLaws.all.filter { options.law == nil || $0.name == options.law }
        guard !laws.isEmpty else { fail("there is no law \"\(options.law ?? "")\"") }
        let time = Duration.seconds(options.minutes * 60 / Double(laws.count))
        print("seed \(options.seed), \(time) a law")
        print("law          inputs      taken   a second  slowest ms   grown MiB")
        var isBroken = false
        for law in laws {
            isBroken = try await run(law, options, for: time) || isBroken
        }
        exit(isBroken ? 1 : 0)
    }

    /// Whether the law was broken.
    private static func run<Law: FuzzLaw>(
        _ law: Law.Type, _ options: Options, for time: Duration
    ) async throws -> Bool {
        let folder = URL(filePath: options.corpus).appending(path: Law.name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let last = folder.appending(path: "last-input.bin")
        var run = FuzzRun()
        let memory = residentBytes()
        let start = ContinuousClock.now
        let recorder = Recorder(last)
        try await run.feed(
            law, corpus: Corpus.read(folder), seed: options.seed, for: time,
            before: { recorder.write($0) })
        recorder.remove()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let grown = Double(residentBytes() - memory) / 1_048_576
        print(
            Law.name.padding(toLength: 10, withPad: " ", startingAt: 0),
            String(
                format: "%8d %10d %10.0f %11.1f %11.1f", run.inputs, run.taken,
                Double(run.inputs) / seconds, run.slowest / .milliseconds(1), grown))
        if let failure = run.failure {
            let file = folder.appending(path: "found-\(options.seed)-\(run.inputs).bin")
            try Data(failure.input).write(to: file)
            print("BROKEN: \(failure.violation)\n  by \(file.path())")
        }
        // What is kept between inputs is bounded by nothing but this.
        if grown > 512 { print("BROKEN: \(Law.name) kept \(Int(grown)) MiB") }
        return run.failure != nil || grown > 512
    }

    static func fail(_ text: String) -> Never {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(2)
    }
}

struct Options {
    var minutes = 1.0
    var seed: UInt64 = 1
    var law: String?
    var corpus = "Tests/Fuzzing/Corpus"

    init(_ words: ArraySlice<String>) {
        var words = words
        while let word = words.popFirst() {
            let value = words.popFirst()
            switch word {
            case "--minutes": minutes = value.flatMap(Double.init) ?? minutes
            case "--seed": seed = value.flatMap(UInt64.init) ?? seed
            case "--law": law = value
            case "--corpus": corpus = value ?? corpus
            default: Fuzz.fail("unknown: \(word)")
            }
        }
    }
}

/// Keeps the present input in a file that outlives the process.
struct Recorder {
    private let file: URL
    private let handle: FileHandle?

    init(_ file: URL) {
        self.file = file
        _ = FileManager.default.createFile(atPath: file.path(), contents: nil)
        handle = FileHandle(forWritingAtPath: file.path())
    }

    func write(_ input: [UInt8]) {
        guard let handle else { return }
        do {
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(input))
        } catch { Fuzz.fail("\(file.path()): \(error)") }
    }

    func remove() {
        do { try FileManager.default.removeItem(at: file) } catch { return }
    }
}
