/// Makes inputs out of inputs: a seeded choice of the usual mutations.
public struct Mutator: Sendable {
    private var random: SplitMix
    private let tokens: [[UInt8]]
    private let longest: Int

    public init(seed: UInt64, tokens: [String], longest: Int = 8192) {
        random = SplitMix(state: seed)
        self.tokens = tokens.map { Array($0.utf8) }
        self.longest = longest
    }

    /// One to five changes to one of `corpus`, which is not empty.
    public mutating func next(from corpus: [[UInt8]]) -> [UInt8] {
        var input = corpus[random.below(corpus.count)]
        for _ in 0...random.below(5) { change(&input, corpus) }
        if input.count > longest { input.removeLast(input.count - longest) }
        return input
    }

    private mutating func change(_ input: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = random.below(input.count + 1)
        let end = min(input.count, place + 1 + random.below(random.below(8) == 0 ? 64 : 4))
        switch random.below(12) {
        case 0: if place < input.count { input[place] ^= 1 << UInt8(random.below(8)) }
        case 1: if place < input.count { input[place] = UInt8(random.below(256)) }
        case 2: input.insert(odd(), at: place)
        case 3: input.removeSubrange(place..<end)
        case 4: input.insert(contentsOf: input[place..<end], at: place)
        case 5, 6, 7:
            if !tokens.isEmpty {
                input.insert(contentsOf: tokens[random.below(tokens.count)], at: place)
            }
        case 8:
            if !tokens.isEmpty {
                input.replaceSubrange(place..<end, with: tokens[random.below(tokens.count)])
            }
        case 9:
            let other = corpus[random.below(corpus.count)]
            input.replaceSubrange(place..., with: other[random.below(other.count + 1)...])
        case 10:
            let piece = Array(input[place..<end])
            for _ in 0..<random.below(64) { input.insert(contentsOf: piece, at: place) }
        case _:
            let other = random.below(input.count + 1)
            if place < input.count, other < input.count { input.swapAt(place, other) }
        }
    }

    private mutating func odd() -> UInt8 {
        let odd: [UInt8] = [0, 9, 10, 13, 32, 34, 37, 43, 44, 45, 47, 58, 92, 123, 125, 127, 128, 255]
        return odd[random.below(odd.count)]
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0..<limit, where the limit is above 0.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }
}
