/// `Prefer: wait=N` (RFC 7240): how long an answer may take.
struct Preference: Hashable, Sendable {
    /// Seconds when nothing was asked.
    static let standard = 2
    /// What is above counts as this.
    static let longest = 60

    let seconds: Int
    /// Whether it was asked for, so that the answer has to say so.
    let isAsked: Bool

    /// The first `wait` that can be read counts; a bad one is ignored.
    init(_ fields: [String]) {
        for field in fields {
            for part in field.split(separator: ",") {
                let trimmed = part.split(separator: ";")[0].filter { $0 != " " && $0 != "\t" }
                let sides = trimmed.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[0].lowercased() == "wait" else { continue }
                let digits = sides[1].filter { $0 != "\"" }
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
                    continue
                }
                seconds = min(Int(digits) ?? Self.longest, Self.longest)
                isAsked = true
                return
            }
        }
        seconds = Self.standard
        isAsked = false
    }
}
