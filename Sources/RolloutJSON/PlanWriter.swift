import JSONText
import Rollouts

/// Writes a plan in the shape in which it was asked for, with every member.
///
/// With a footing, what was left open is answered as found; without one it is null.
enum PlanWriter {
    /// Writes the members of the plan into an object that is open.
    static func write(
        _ plan: RolloutPlan, _ footing: Footing?, into writer: inout JSONWriter
    ) {
        writer.key("name")
        writer.value(plan.name.description)
        writer.key("labels")
        writer.beginObject()
        for (name, text) in plan.labels.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.value(text)
        }
        writer.endObject()
        writer.key("gateway")
        writer.value(plan.gateway)
        entities(plan, footing, into: &writer)
        writer.key("stable")
        writer.beginObject()
        writer.key("version")
        writer.value(plan.stableLabel)
        writer.key("targets")
        writer.value(plan.stableTargets ?? footing?.stableTargets)
        writer.endObject()
        writer.key("canary")
        writer.beginObject()
        writer.key("version")
        writer.value(plan.canary.label)
        writer.key("targets")
        writer.value(plan.canary.targets)
        writer.endObject()
        writer.key("steps")
        writer.beginArray()
        for step in plan.steps.all {
            writer.beginObject()
            writer.key("percent")
            writer.plain(step.share)
            writer.key("hold")
            writer.value(step.hold)
            writer.endObject()
        }
        writer.endArray()
        writer.key("start")
        writer.value(plan.start.rawValue)
        writer.key("adopt")
        writer.value(plan.adopt)
        writer.key("sticky")
        writer.value(plan.sticky)
        writer.key("drain")
        writer.value(plan.drain.description)
        writer.key("progress_deadline")
        writer.value(plan.progressDeadline)
        writer.key("analysis")
        AnalysisWriter.write(plan.analysis, into: &writer)
    }

    private static func entities(
        _ plan: RolloutPlan, _ footing: Footing?, into writer: inout JSONWriter
    ) {
        writer.key("service")
        writer.beginObject()
        writer.key("name")
        writer.value(footing?.service.name ?? plan.service.name)
        writer.key("protocol")
        writer.value(plan.service.scheme)
        writer.key("path")
        writer.value(plan.service.path)
        writer.key("retries")
        writer.value(plan.service.retries)
        writer.endObject()
        writer.key("upstream")
        writer.beginObject()
        writer.key("name")
        writer.value(footing?.upstream.name ?? plan.upstream)
        writer.endObject()
        writer.key("route")
        writer.beginObject()
        writer.key("name")
        writer.value(footing?.route.name ?? plan.route.name)
        writer.key("paths")
        writer.value(plan.route.paths)
        writer.key("methods")
        writer.value(plan.route.methods)
        writer.key("protocols")
        writer.value(plan.route.protocols)
        writer.key("hosts")
        writer.value(plan.route.hosts)
        writer.key("strip_path")
        writer.value(plan.route.stripPath)
        writer.endObject()
    }
}
