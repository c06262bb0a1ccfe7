import Testing

/// What a reader may rely on in every file.
@Suite struct TidinessTests {
    static let lineLimit = 120
    static let fileLimit = 300
    /// Made by `make openapi`; nobody reads it.
    static let generated: Set = ["Sources/kong-rollouts/OpenAPIDocument.swift"]

    @Test(arguments: ["Sources", "Tests", "Benchmarks"])
    func `no line is too long and no file is two`(folder: String) throws {
        for file in try ProjectFiles.swift(below: folder)
        where !Self.generated.contains(file.path) && !file.path.contains("/.build") {
            #expect(file.lines.count <= Self.fileLimit, "\(file.path): \(file.lines.count) lines")
            for (number, line) in file.lines.enumerated() where line.count > Self.lineLimit {
                Issue.record("\(file.path):\(number + 1): \(line.count) columns")
            }
        }
    }

    @Test(arguments: [" try?", " try!", "fatalError(", " as! ", "TODO", "FIXME"])
    func `nothing is swallowed, forced or left open`(word: String) throws {
        for file in try ProjectFiles.swift(below: "Sources")
        where !Self.generated.contains(file.path) {
            for (number, line) in file.lines.enumerated() where line.contains(word) {
                Issue.record("\(file.path):\(number + 1): \(word)")
            }
        }
    }

    @Test func `tests wait for conditions, never for time`() throws {
        let words = ["Task" + ".sleep", "Thread" + ".sleep"]
        for file in try ProjectFiles.swift(below: "Tests") {
            for (number, line) in file.lines.enumerated()
            where words.contains(where: { line.contains($0) }) {
                Issue.record("\(file.path):\(number + 1): sleeps")
            }
        }
    }

    @Test func `every command of the README exists`() throws {
        let readme = try ProjectFiles.text("README.md")
        let makefile = try ProjectFiles.text("Makefile")
        let named = readme.matches(of: /(?m)^make ([a-z-]+)/).map { String($0.output.1) }
        #expect(!named.isEmpty)
        for target in named {
            #expect(makefile.contains("\n\(target):"), "make \(target)")
        }
    }

    @Test func `every module of the README's table is there, and the other way round`() throws {
        let readme = try ProjectFiles.text("README.md")
        let named = Set(readme.matches(of: /(?m)^\| `([A-Za-z-]+)` \|/).map { String($0.output.1) })
        let manifest = try ProjectFiles.text("Package.swift")
        for module in named where module.first?.isUppercase == true {
            #expect(manifest.contains("\"\(module)\""), "\(module) is not in Package.swift")
        }
        for law in ImportLawTests.laws {
            #expect(named.contains(law.module), "\(law.module) is not in the README")
        }
    }
}
