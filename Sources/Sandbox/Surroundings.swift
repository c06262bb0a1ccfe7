/// What the database needs from the outside world, so that tests can hand in their own.
struct Surroundings: Sendable {
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    let newID: @Sendable () -> String
}
