import ArgumentParser
import Foundation
import JSONText
import Judgement
import RolloutJSON
import Rollouts
import TrafficIntake

/// Judges recorded telemetry: what would this policy have done?
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge recorded log records offline, as a rollout would have judged them.",
        discussion: """
            A recording has one line for each body that Kong's http-log posted: \
            {"received_ms": 162, "body": [ … ]}, plain or compressed by gzip; several files follow \
            one another. The last line printed is the final verdict and the check that said so.

            Example: kong-rollouts replay errors.jsonl.gz --analysis analysis.json \
            --stable 127.0.0.1:9401 --canary 127.0.0.1:9402
            """)

    @Argument(help: "Recordings: .jsonl or .jsonl.gz.")
    var files: [String]
    @Option(help: "The analysis document, as in a rollout; without it the default one.")
    var analysis: String?
    @Option(help: "Targets of the stable version: HOST:PORT[,HOST:PORT…].")
    var stable: String?
    @Option(help: "Targets of the canary: HOST:PORT[,HOST:PORT…].")
    var canary: String?
    @Option(help: "The share in percent that Kong was told, for the check of the share.")
    var percent: Double?
    @Option(help: "Milliseconds of the recording between two lines of the way there.")
    var every = 250
    @Flag(help: "One JSON object a line.")
    var json = false

    mutating func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name at least one recording") }
        guard every >= 1 else { throw ValidationError("--every must be at least 1 ms") }
    }

    func run() async throws {
        let policy = try readPolicy()
        var replayed = ReplayedTraffic(
            policy: policy, stable: try Self.targets(stable, "--stable"),
            canary: try Self.targets(canary, "--canary"), share: try share())
        let report = ReplayReport(asJSON: json)
        report.begin()
        var shownAt = -Int64(every)
        reading: for path in files {
            let file = try LineFile(path)
            while let line = try file.next() {
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
                do throws(RecordingFault) {
                    try replayed.take(try RecordedBatch(line))
                } catch {
                    throw LineFileError(path: path, line: file.number, detail: error.detail)
                }
                // From here on the rollout would have gone another way.
                if replayed.alarm != nil { break reading }
                if replayed.elapsed - shownAt >= Int64(every) {
                    shownAt = replayed.elapsed
                    if let assessment = replayed.assessment {
                        report.show(assessment, at: replayed.elapsed)
                    }
                }
            }
        }
        guard let assessment = replayed.assessment else {
            throw ValidationError("the recording holds no line")
        }
        report.show(assessment, at: replayed.elapsed)
        report.end(
            assessment, at: replayed.elapsed, by: replayed.alarm, skipped: replayed.remark)
    }

    private func readPolicy() throws -> AnalysisPolicy {
        guard let path = analysis else { return .standard }
        let bytes: [UInt8]
        do { bytes = Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw LineFileError(path: path, line: nil, detail: "cannot be read")
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw LineFileError(path: path, line: nil, detail: "is not JSON: \(error)")
        }
        do {
            // A whole rollout is as good as its analysis.
            return try AnalysisDocument.read(value["canary"] == nil ? value : value["analysis"] ?? .null)
        } catch {
            let faults = error.all.map { "\($0.pointer): \($0.detail)" }
            throw LineFileError(path: path, line: nil, detail: faults.joined(separator: "; "))
        }
    }

    private func share() throws -> TrafficShare? {
        guard let percent else { return nil }
        guard percent > 0, percent <= 100,
            let share = TrafficShare(basisPoints: Int((percent * 100).rounded()))
        else { throw ValidationError("--percent must be above 0 and at most 100") }
        return share
    }

    static func targets(_ text: String?, _ option: String) throws -> [TargetAddress]? {
        guard let text else { return nil }
        return try text.split(separator: ",").map { part in
            guard let target = TargetAddress(String(part)) else {
                throw ValidationError("\(option): \"\(part)\" is not HOST:PORT")
            }
            return target
        }
    }
}
