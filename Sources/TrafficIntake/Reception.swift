internal import Judgement

/// What became of a batch.
public enum Reception: Hashable, Sendable {
    /// How many records were new and were counted; the rest was seen before, or malformed.
    case counted(Int)
    /// The rollout has ended: answer as if the batch had been counted.
    case ended
    /// There is no such rollout.
    case unknown
}

/// What has arrived, in numbers that only grow.
public struct IntakeCounts: Hashable, Sendable {
    /// Bodies.
    public var batches = 0
    /// Records that were counted.
    public var records = 0
    /// Records that Kong had sent before.
    public var duplicates = 0
    /// Records, or pieces of bodies, that are none.
    public var malformed = 0
    /// Attempts on targets of neither version.
    public var foreign = 0

    public init() {}

    mutating func add(_ batch: Batch, malformed: Int) {
        batches += 1
        records += batch.counted
        duplicates += batch.repeated
        self.malformed += malformed
        foreign += batch.block.foreign
    }
}
