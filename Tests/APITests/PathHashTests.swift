import Testing

@testable import API

struct PathHashTests {
    private func hash(_ path: String, _ seed: UInt64 = 1) -> PathHash {
        PathHash(Array(path.utf8).span, PathHash.Seed(seed))
    }

    @Test func `one path is found in one place, and another in another`() {
        let paths = (0..<10_000).map { "/v1/rollouts/r\($0)" } + ["", "/", "/v1/rollouts/"]
        #expect(Set(paths.map { hash($0) }).count == paths.count)
        #expect(paths.allSatisfy { hash($0) == hash($0) })
    }

    @Test func `the place depends on the seed`() {
        #expect(hash("/v1/rollouts/a", 1) != hash("/v1/rollouts/a", 2))
    }

    @Test func `paths that differ in their tail alone are told apart`() {
        for length in 0..<40 {
            let path = String(repeating: "a", count: length)
            #expect(hash(path + "a") != hash(path + "b"))
            #expect(hash(path) != hash(path + "a"))
        }
    }
}
