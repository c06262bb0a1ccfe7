/// Seeds in which a law was broken once. A seed's world changes with the worlds' rules, so what
/// they showed has a test of its own as well.
enum FoundSeeds {
    static let all: [Int] = [101, 129, 184, 398, 480, 710, 1972, 3686, 6301, 8649]
}
