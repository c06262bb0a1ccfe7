import Rollouts
import Testing

@Suite struct ExactShareTests {
    @Test func `shares are compared exactly`() throws {
        let third = try #require(ExactShare(canaryWeight: 1, stableWeight: 2))
        let below = ExactShare(try World.share(3_333))
        let above = ExactShare(try World.share(3_334))
        #expect(below < third && third < above)
        let large = try #require(
            ExactShare(canaryWeight: 130_000_000_001, stableWeight: 130_000_000_000))
        #expect(large > ExactShare(try World.share(5_000)))
    }

    @Test func `a share that hits is equal to the one asked`() throws {
        let fifth = ExactShare(try World.share(2_000))
        #expect(ExactShare(canaryWeight: 250, stableWeight: 1_000) == fifth)
        #expect(ExactShare(canaryWeight: 0, stableWeight: 7) == ExactShare.none)
        #expect(ExactShare(canaryWeight: 7, stableWeight: 0) == .all)
        #expect(ExactShare(canaryWeight: 0, stableWeight: 0) == nil)
        #expect(ExactShare(canaryWeight: -1, stableWeight: 2) == nil)
    }

    @Test(arguments: [
        (0, 1, 0, 0), (1, 0, 10_000, 10_000), (1, 2, 3_333, 3_333), (2, 1, 6_666, 6_667),
        (1, 65_535, 0, 1), (65_535, 1, 9_999, 9_999), (1, 19_999, 0, 1), (53, 1_000, 503, 503),
        (3, 19_997, 1, 1),
    ])
    func `basis points round towards the smaller, or to the nearest`(
        _ row: (Int, Int, Int, Int)
    ) throws {
        let share = try #require(ExactShare(canaryWeight: row.0, stableWeight: row.1))
        #expect(share.roundedDown.basisPoints == row.2)
        #expect(share.roundedToNearest.basisPoints == row.3)
    }
}
