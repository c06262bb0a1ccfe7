import Foundation

@testable import Judgement

/// Figures that scipy computed: Fixtures/reference.json, made by reference.py beside it.
struct Reference: Decodable {
    struct Trajectory: Decodable {
        let margin: Double
        let blocks: [[Int]]
        let evidence: [Double]
    }

    struct Distance: Decodable {
        let stable: [Double]
        let canary: [Double]
        let ks: Double
    }

    let lnGamma: [[Double]]
    let betaBinomial: [[Double]]
    let wilson: [[Double]]
    let projection: [[Double]]
    let trajectories: [Trajectory]
    let distances: [Distance]

    static func load() throws -> Reference {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/reference.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Reference.self, from: Data(contentsOf: file))
    }
}

/// Whether `one` lies within `part` of `other`, or within 1e-300 of it.
func isClose(_ one: Double, _ other: Double, to part: Double) -> Bool {
    abs(one - other) <= max(part * abs(other), 1e-300)
}

extension PairedCounts {
    /// - Parameter block: k_c, n_c, k_s, n_s.
    init(_ block: [Int]) {
        self.init(
            canaryFailures: block[0], canaryTotal: block[1], stableFailures: block[2],
            stableTotal: block[3])
    }
}
