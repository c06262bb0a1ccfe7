import JSONText
import Rollouts

/// Reads how a rollout's traffic is to be judged.
///
/// A member that is absent has the configured default. A `null` means the same, except for
/// `score`, where it means none.
enum AnalysisReader {
    static let members = [
        "enabled", "alpha", "after", "on_unhealthy", "no_data", "no_data_after", "require",
        "min_requests", "score", "checks",
    ]
    private static let here = JSONPointer.root.appending("analysis")

    /// - Parameter value: the document; nil or null: whatever the configuration says.
    static func read(
        _ value: JSONValue?, defaults: PlanDefaults, _ inspection: inout Inspection
    ) -> AnalysisPolicy {
        let usual = defaults.effectiveAnalysis
        guard let body = inspection.object(value, at: here, of: members) else { return usual }
        let isEnabled = inspection.flag(body, "enabled", at: here) ?? true
        if isEnabled, !defaults.analysisAvailable {
            inspection.fault(
                here,
                "cannot be enabled: Kong would not know where to post its log records. Start "
                    + "the service with `--public-url`, the address at which Kong reaches it, "
                    + "or send {\"enabled\": false}")
        }
        let score =
            body.contains("score") ? score(body["score"], &inspection) : usual.score
        let known = inspection.faults.count
        let hasScore = score != nil || body.given("score") != nil
        let checks =
            checks(body, hasScore: hasScore, defaults, &inspection)
            ?? self.usual(defaults.analysis.checks, isScored: score != nil)
        let policy = AnalysisPolicy(
            isEnabled: isEnabled, alpha: alpha(body, &inspection) ?? usual.alpha,
            after: inspection.span(body, "after", atLeast: 0, at: here) ?? usual.after,
            onUnhealthy: inspection.word(body, "on_unhealthy", at: here) ?? usual.onUnhealthy,
            noData: inspection.word(body, "no_data", at: here) ?? usual.noData,
            noDataAfter: inspection.span(body, "no_data_after", atLeast: 1, at: here)
                ?? usual.noDataAfter,
            requirement: inspection.word(body, "require", at: here) ?? usual.requirement,
            minRequests: inspection.whole(body, "min_requests", in: 1...1_000_000_000, at: here)
                ?? minRequests(checks, usual), score: score, checks: checks)
        if inspection.faults.count == known { requireIncrease(policy, &inspection) }
        return policy
    }

    /// The checks of the default for a rollout with a score or without one: the score brings its
    /// own check and takes it away.
    static func usual(_ checks: [Check], isScored: Bool) -> [Check] {
        guard isScored else { return checks.filter { $0.metric != .scoreDrift } }
        return checks.contains { $0.metric == .scoreDrift }
            ? checks : checks + [.scoreDrift(Check.ScoreDrift(maxDistance: 0.1))]
    }

    /// What was configured holds for the checks that were configured; others have their own.
    private static func minRequests(_ checks: [Check], _ usual: AnalysisPolicy) -> Int {
        checks == usual.checks
            ? usual.minRequests : AnalysisPolicy.defaultMinRequests(for: checks)
    }

    private static func alpha(_ body: JSONObject, _ inspection: inout Inspection) -> Double? {
        inspection.real(
            body, "alpha", at: here,
            "must be a probability above 0, at most 0.5: 0.01 allows a false alarm in one rollout "
                + "of a hundred"
        ) { $0 > 0 && $0 <= 0.5 }
    }

    private static func score(
        _ value: JSONValue?, _ inspection: inout Inspection
    ) -> ScoreSource? {
        let pointer = here.appending("score")
        let object = inspection.object(value, at: pointer, of: ["header", "json_field"])
        guard let object else { return nil }
        let header = inspection.text(object, "header", at: pointer)
        let field = inspection.text(object, "json_field", at: pointer)
        if (object.given("header") == nil) == (object.given("json_field") == nil) {
            inspection.fault(
                pointer,
                "must be {\"header\": name} or {\"json_field\": name}: where an answer has its "
                    + "score")
        }
        for (member, name) in [("header", header), ("json_field", field)] {
            guard let name, !isName(name) else { continue }
            inspection.fault(
                pointer.appending(member),
                "must be 1 to 63 letters, digits and any of - _, "
                    + "not \(Inspection.shown(.string(name)))")
        }
        if let header { return .header(header.lowercased()) }
        return field.map { .jsonField($0) }
    }

    /// A name that stands in Lua and in a header without being quoted.
    private static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-_".utf8.contains(byte)
            }
    }

    private static func checks(
        _ body: JSONObject, hasScore: Bool, _ defaults: PlanDefaults,
        _ inspection: inout Inspection
    ) -> [Check]? {
        let list = inspection.list(body, "checks", upTo: AnalysisPolicy.checkLimit, at: here)
        guard let list else { return nil }
        let pointer = here.appending("checks")
        var found: [Check] = []
        for (index, value) in list.enumerated() {
            let place = pointer.appending(index)
            guard let check = CheckReader.read(value, at: place, defaults, &inspection) else {
                continue
            }
            if found.contains(where: { $0.asksTheSame(as: check) }) {
                inspection.fault(
                    place, "asks the same as a check before it; put both limits into one")
            }
            if check.metric == .scoreDrift, !hasScore {
                inspection.fault(
                    place,
                    "needs to know where the score is: \"score\": {\"header\": name} or "
                        + "{\"json_field\": name}")
            }
            found.append(check)
        }
        return found
    }

    private static func requireIncrease(
        _ policy: AnalysisPolicy, _ inspection: inout Inspection
    ) {
        guard policy.requirement == .noHarm else { return }
        let isLimited = policy.checks.contains { check in
            if case .errorRate(let limits) = check { limits.maxIncrease != nil } else { false }
        }
        if !isLimited {
            inspection.fault(
                here.appending("require"),
                "\"no_harm\" needs an error_rate check with max_increase, which says what harm is")
        }
    }
}

extension Check {
    /// Whether two checks look at the same figure.
    fileprivate func asksTheSame(as other: Check) -> Bool {
        switch (self, other) {
        case (.errorRate, .errorRate), (.scoreDrift, .scoreDrift): true
        case (.latency(let one), .latency(let two)): one.quantile == two.quantile
        case (.measurement(let one), .measurement(let two)): one.name == two.name
        case (.prometheus(let one), .prometheus(let two)):
            one.query == two.query && one.server == two.server
        case (.errorRate, _), (.latency, _), (.scoreDrift, _), (.measurement, _),
            (.prometheus, _):
            false
        }
    }
}
