/// What the traffic showed, in Prometheus' text format.
public enum TrafficGauges {
    /// Rollouts that get series of their own, so that a reading costs milliseconds.
    public static let namedLimit = 200

    /// - Parameters:
    ///   - figures: of rollouts that are judged; those beyond ``namedLimit`` are left out.
    ///   - counts: records by what became of them: `counted`, `duplicate`, `malformed`, and
    ///     `foreign` attempts.
    public static func text(_ figures: [TrafficFigures], counts: [(String, Int)]) -> String {
        var page = Page()
        page.head(.records, kind: "counter")
        for (outcome, count) in counts { page.line(.records, [("outcome", outcome)], "\(count)") }
        let shown = figures.prefix(namedLimit)
        page.versions(.attempts, shown, \.attempts)
        page.versions(.failures, shown, \.failures)
        page.versions(.hiddenFailures, shown, \.hiddenFailures)
        page.head(.observed)
        for one in shown {
            guard let observed = one.observed else { continue }
            page.line(.observed, [("rollout", one.rollout)], "\(observed * 100)")
        }
        page.head(.verdict)
        for one in shown {
            page.line(.verdict, [("rollout", one.rollout), ("verdict", one.verdict)], "1")
        }
        page.evidence(.evidence, shown, \.value)
        page.evidence(.evidenceNeeded, shown, \.needed)
        return page.text
    }
}

private struct Page {
    private(set) var text = ""

    mutating func head(_ gauge: Gauge, kind: String = "gauge") {
        text += "# HELP \(gauge.rawValue) \(gauge.help)\n# TYPE \(gauge.rawValue) \(kind)\n"
    }

    mutating func line(_ gauge: Gauge, _ labels: [(String, String)], _ value: String) {
        text += "\(gauge.rawValue)\(PrometheusRegistry.labels(labels)) \(value)\n"
    }

    mutating func versions(
        _ gauge: Gauge, _ figures: ArraySlice<TrafficFigures>,
        _ count: KeyPath<TrafficFigures.Version, Int>
    ) {
        head(gauge, kind: "counter")
        for one in figures {
            for version in one.versions {
                line(
                    gauge, [("rollout", one.rollout), ("version", version.role)],
                    "\(version[keyPath: count])")
            }
        }
    }

    mutating func evidence(
        _ gauge: Gauge, _ figures: ArraySlice<TrafficFigures>,
        _ value: KeyPath<TrafficFigures.Evidence, Double>
    ) {
        head(gauge)
        for one in figures {
            for check in one.evidence {
                line(
                    gauge, [("rollout", one.rollout), ("check", check.check)],
                    "\(check[keyPath: value])")
            }
        }
    }
}
