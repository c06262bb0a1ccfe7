import JSONText
import Rollouts

/// A phase with everything it carries, as the ledger keeps it.
enum StoredPhase {
    static func write(_ phase: Phase, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.value(phase.name.rawValue)
        switch phase {
        case .pending(let registered):
            writer.key("registered")
            writer.value(registered)
        case .shifting(let position, let held):
            write(position, held, into: &writer)
        case .holding(let position, let since, let held):
            writer.key("since")
            writer.value(since)
            write(position, held, into: &writer)
        case .paused(let pause):
            writer.key("interrupted")
            write(pause.interrupted, into: &writer)
            writer.key("cause")
            writer.value(pause.cause)
        case .promoting, .promoted:
            break
        case .aborting(let cause), .aborted(let cause):
            writer.key("cause")
            writer.value(cause)
        }
        writer.endObject()
    }

    static func read(_ members: StoredMembers) throws(StoredFault) -> Phase {
        switch try members.word("name", as: Phase.Name.self) {
        case .pending:
            return .pending(registered: try members.flag("registered"))
        case .shifting:
            return .shifting(try position(members), held: Int64(try members.whole("held")))
        case .holding:
            return .holding(
                try position(members), since: try members.moment("since"),
                held: Int64(try members.whole("held")))
        case .paused:
            return .paused(
                Phase.Pause(
                    interrupted: try interrupted(try members.members("interrupted")),
                    cause: try cause(members)))
        case .promoting: return .promoting
        case .promoted: return .promoted
        case .aborting: return .aborting(try cause(members))
        case .aborted: return .aborted(try cause(members))
        }
    }

    private static func write(
        _ interrupted: Phase.Pause.Interrupted, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("name")
        switch interrupted {
        case .pending(let registered):
            writer.value(Phase.Name.pending.rawValue)
            writer.key("registered")
            writer.value(registered)
        case .shifting(let position, let held):
            writer.value(Phase.Name.shifting.rawValue)
            write(position, held, into: &writer)
        case .holding(let position, let held):
            writer.value(Phase.Name.holding.rawValue)
            write(position, held, into: &writer)
        }
        writer.endObject()
    }

    private static func write(
        _ position: Position, _ held: Int64, into writer: inout JSONWriter
    ) {
        switch position {
        case .planned(let index):
            writer.key("step")
            writer.value(index)
        case .custom(let share):
            writer.key("percent")
            writer.plain(share)
        }
        writer.key("held")
        writer.value(Int(held))
    }

    private static func interrupted(
        _ members: StoredMembers
    ) throws(StoredFault) -> Phase.Pause.Interrupted {
        switch try members.word("name", as: Phase.Name.self) {
        case .pending: return .pending(registered: try members.flag("registered"))
        case .shifting:
            return .shifting(try position(members), held: Int64(try members.whole("held")))
        case .holding:
            return .holding(try position(members), held: Int64(try members.whole("held")))
        case .paused, .promoting, .promoted, .aborting, .aborted:
            throw members.fault("name", "pending, shifting or holding")
        }
    }

    private static func position(_ members: StoredMembers) throws(StoredFault) -> Position {
        if let share = try members.optionalShare("percent") { return .custom(share) }
        return .planned(try members.whole("step"))
    }

    private static func cause(_ members: StoredMembers) throws(StoredFault) -> Cause {
        guard let cause = try Cause.stored("cause", in: members) else {
            throw members.fault("cause", "an object")
        }
        return cause
    }
}
