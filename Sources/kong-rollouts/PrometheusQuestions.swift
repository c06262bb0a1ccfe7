import Prometheus
import Rollouts

/// Asks Prometheus what the `prometheus` checks of judged rollouts want to know, each at its
/// interval, while the share is confirmed.
struct PrometheusQuestions: Sendable {
    /// Questions on their way at once, over all servers.
    private static let width = 16

    private struct Question: Hashable {
        let rollout: RolloutName
        let check: Int
        let epoch: Int
    }

    /// By configured name.
    let servers: [String: PrometheusClient]
    let states: @Sendable () -> [RolloutState]
    let now: @Sendable () -> Timestamp
    /// Takes an answer: rollout, the check's place in the policy, the value; nil: not known.
    let answered: @Sendable (RolloutName, Int, Double?) -> Void
    /// Told in words why there was no answer.
    let remark: @Sendable (String) -> Void

    /// Goes round once a second until cancelled; at once over when no server is configured.
    func run() async {
        guard !servers.isEmpty else { return }
        var askedAt: [Question: Timestamp] = [:]
        while !Task.isCancelled {
            let due = dueQuestions(&askedAt)
            await ask(due)
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func dueQuestions(_ askedAt: inout [Question: Timestamp]) -> [(Question, Check.Query, Rollout)] {
        let present = now()
        var due: [(Question, Check.Query, Rollout)] = []
        var known: [Question: Timestamp] = [:]
        for state in states() {
            let rollout = state.rollout
            guard rollout.plan.analysis.isEnabled, case .holding = rollout.phase else { continue }
            for (index, check) in rollout.plan.analysis.checks.enumerated() {
                guard case .prometheus(let query) = check else { continue }
                let question = Question(rollout: rollout.name, check: index, epoch: rollout.epoch)
                // The first answer of a step comes an interval after its share was confirmed:
                // before, most of what Prometheus knows is older than the step.
                let last = askedAt[question] ?? rollout.phaseSince
                guard present.milliseconds(since: last) >= query.interval.milliseconds else {
                    known[question] = last
                    continue
                }
                known[question] = present
                due.append((question, query, rollout))
            }
        }
        askedAt = known
        return due
    }

    private func ask(_ due: [(Question, Check.Query, Rollout)]) async {
        await withTaskGroup(of: Void.self) { group in
            for (place, (question, query, rollout)) in due.enumerated() {
                if place >= Self.width { await group.next() }
                group.addTask { await ask(question, query, rollout) }
            }
        }
    }

    private func ask(_ question: Question, _ query: Check.Query, _ rollout: Rollout) async {
        let name = query.server ?? servers.keys.min() ?? ""
        guard let client = servers[name] else {
            remark("rollout \(rollout.name): no Prometheus named \"\(name)\" is configured")
            return answered(question.rollout, question.check, nil)
        }
        let text = Self.filled(
            query.query, stable: rollout.plan.stableLabel, canary: rollout.plan.canary.label)
        do throws(PrometheusError) {
            answered(question.rollout, question.check, try await client.value(of: text))
        } catch {
            remark("rollout \(rollout.name): \(error)")
            answered(question.rollout, question.check, nil)
        }
    }

    /// Puts the labels where the query names them, safe within PromQL's quotes.
    static func filled(_ query: String, stable: String, canary: String) -> String {
        query.split(separator: "{{stable}}", omittingEmptySubsequences: false)
            .joined(separator: quoted(stable))
            .split(separator: "{{canary}}", omittingEmptySubsequences: false)
            .joined(separator: quoted(canary))
    }

    private static func quoted(_ label: String) -> String {
        var quoted = ""
        for character in label {
            if character == "\\" || character == "\"" || character == "'" || character == "`" {
                quoted.append("\\")
            }
            quoted.append(character)
        }
        return quoted
    }
}
