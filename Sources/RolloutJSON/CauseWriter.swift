public import JSONText
public import Rollouts

/// Differences between what is in Kong and what was asked, as JSON.
public enum CauseWriter {
    /// An array of `{"entity", "field", "is", "wanted"}`.
    public static func value(of differences: [Cause.Difference]) -> JSONValue {
        .array(
            differences.map { difference in
                [
                    "entity": .string(difference.entity), "field": .string(difference.field),
                    "is": difference.present.map { .string($0) } ?? .null,
                    "wanted": difference.wanted.map { .string($0) } ?? .null,
                ]
            })
    }
}
