import Testing

/// Who may import whom. The manifest says what links; this says what is allowed, system modules
/// included, and why.
@Suite struct ImportLawTests {
    struct Law: CustomTestStringConvertible {
        let module: String
        let may: Set<String>
        let because: String
        var testDescription: String { module }
    }

    static let laws = [
        Law(module: "Rollouts", may: [], because: "a decision that reads the world cannot be replayed"),
        Law(module: "JSONText", may: [], because: "text is text on every system"),
        Law(
            module: "RolloutJSON", may: ["Rollouts", "JSONText"],
            because: "a form of a value needs the value and the text only"),
        Law(
            module: "Judgement", may: ["Rollouts", "Glibc", "Musl", "Darwin"],
            because: "the same counts must give the same verdict everywhere; Glibc for logarithms"),
        Law(
            module: "TrafficIntake",
            may: ["Rollouts", "Judgement", "CSimdjson", "Synchronization"],
            because: "it counts records, wherever they come from"),
        Law(
            module: "Prometheus",
            may: ["JSONText", "AsyncHTTPClient", "NIOCore", "NIOHTTP1"],
            because: "it answers with a number, and knows no rollout"),
        Law(
            module: "HTTPMessage", may: ["HTTPTypes", "Synchronization", "Glibc"],
            because: "no socket here; Glibc for its searches in bytes"),
        Law(
            module: "HTTPServer",
            may: ["CMicroHTTPD", "HTTPMessage", "HTTPTypes", "Synchronization", "Glibc", "Dispatch"],
            because: "it listens, and knows nothing of what is served"),
        Law(
            module: "KongAdmin",
            may: [
                "AsyncHTTPClient", "HTTPTypes", "Foundation", "FoundationEssentials", "NIOCore",
                "NIOHTTP1", "NIOSSL", "NIOPosix", "NIOFoundationCompat", "Synchronization",
            ],
            because: "it is published on its own: no word of rollouts"),
        Law(
            module: "Ledger",
            may: ["Rollouts", "JSONText", "CMalloc", "Glibc", "Synchronization"],
            because: "adapters never import each other"),
        Law(
            module: "API",
            may: [
                "Rollouts", "Judgement", "RolloutJSON", "JSONText", "HTTPMessage", "HTTPTypes",
                "Crypto", "Synchronization",
            ],
            because: "every answer must be testable without a socket"),
        Law(
            module: "Observability",
            may: ["Rollouts", "Logging", "CoreMetrics", "Synchronization", "Glibc"],
            because: "it tells; it decides nothing"),
        Law(
            module: "Sandbox",
            may: [
                "HTTPServer", "HTTPMessage", "HTTPTypes", "JSONText", "AsyncHTTPClient", "Yams",
                "NIOCore", "NIOHTTP1", "NIOPosix", "Glibc", "Synchronization", "Foundation",
                "Dispatch",
            ],
            because: "a stand-in for Kong must not know who calls it"),
        Law(
            module: "Engine",
            may: ["Rollouts", "RolloutJSON", "DequeModule", "HeapModule", "Synchronization"],
            because: "it knows the ledger and the gateway by their ports only"),
        Law(
            module: "Gateway",
            may: [
                "Rollouts", "KongAdmin", "JSONText", "DequeModule", "HeapModule",
                "Synchronization",
            ],
            because: "Kong is reached through its client only"),
    ]

    @Test(arguments: laws)
    func `modules import what the law allows`(law: Law) throws {
        let files = try ProjectFiles.swift(below: "Sources/\(law.module)")
        #expect(!files.isEmpty)
        for file in files {
            for line in file.lines {
                guard let module = Self.imported(line) else { continue }
                #expect(law.may.contains(module), "\(file.path) imports \(module): \(law.because)")
            }
        }
    }

    private static func imported(_ line: Substring) -> String? {
        var words = line.split(separator: " ")
        if let first = words.first, first.hasPrefix("@") { words.removeFirst() }
        guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count,
            !line.hasPrefix("//")
        else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "let", "var"]
        let name = kinds.contains(words[place + 1]) ? words[words.count - 1] : words[place + 1]
        return name.split(separator: ".").first.map(String.init)
    }
}
