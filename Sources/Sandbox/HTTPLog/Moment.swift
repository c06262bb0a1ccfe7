internal import Foundation

/// A time of day as Kong writes it into its records.
struct Moment: Equatable, Sendable {
    /// Since 1970.
    let nanoseconds: Int

    static func now() -> Moment {
        Moment(nanoseconds: Int(Date().timeIntervalSince1970 * 1_000_000_000))
    }

    /// Since 1970, cut off and not rounded, as Kong's clock of one millisecond has it.
    var milliseconds: Int { nanoseconds / 1_000_000 }

    /// Milliseconds on Kong's clock from `earlier` to this; never negative.
    func since(_ earlier: Moment) -> Int { max(0, milliseconds - earlier.milliseconds) }
}
