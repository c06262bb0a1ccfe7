import Foundation

/// Feeds one law with inputs until a time has passed, and counts.
public struct FuzzRun: Sendable {
    public private(set) var inputs = 0
    public private(set) var taken = 0
    public private(set) var slowest = Duration.zero
    /// What broke the law, and how.
    public private(set) var failure: (input: [UInt8], violation: String)?

    /// The longest that one input may take. A shared machine may hold a process up for a second.
    public static let patience = Duration.seconds(5)

    public init() {}

    /// - Parameters:
    ///   - corpus: Inputs that are fed first, as they are.
    ///   - before: Called with each input before it is fed, so that one that ends the process is
    ///     known.
    public mutating func feed<Law: FuzzLaw>(
        _: Law.Type, corpus: [[UInt8]], seed: UInt64, for time: Duration,
        before: ([UInt8]) -> Void = { _ in }
    ) async throws {
        let law = try await Law()
        let all = Law.seeds + corpus
        var mutator = Mutator(seed: seed, tokens: Law.tokens)
        let end = ContinuousClock.now + time
        while failure == nil {
            let input = inputs < all.count ? all[inputs] : mutator.next(from: all)
            if inputs >= all.count, ContinuousClock.now >= end { break }
            before(input)
            await feed(input, to: law)
        }
        await law.close()
    }

    private mutating func feed(_ input: [UInt8], to law: some FuzzLaw) async {
        let start = ContinuousClock.now
        do {
            if try await law.check(input) == .taken { taken += 1 }
        } catch {
            failure = (input, "\(error)")
        }
        let spent = ContinuousClock.now - start
        if spent > slowest { slowest = spent }
        if spent > Self.patience, failure == nil {
            failure = (input, "it took \(spent)")
        }
        inputs += 1
    }
}

/// Bytes of memory that the process holds; 0 where the system does not tell.
public func residentBytes() -> Int {
    guard let text = FileManager.default.contents(atPath: "/proc/self/statm"),
        let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first
    else { return 0 }
    return (Int(pages) ?? 0) * 4096
}
