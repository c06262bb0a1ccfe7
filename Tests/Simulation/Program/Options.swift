import SimulatedWorld

/// What was asked on the command line.
struct Options {
    enum Task {
        case help(String)
        /// One world, told line by line.
        case one(WorldPlan)
        case many([WorldPlan])
    }

    let task: Task
    let isQuiet: Bool
    /// The law at whose first violation nothing more is played; empty: any. Nil: all are played.
    let lastLaw: String?

    static let usage = """
        simulate [--seeds COUNT] [--from SEED]   many worlds; 200 from 1 when nothing is said
        simulate --seed SEED [--quiet]           one world, line by line
        simulate --every-call COUNT              the service dies once in each call to its disk
        simulate --until LAW …                   until that law is broken, as in --until exposure
        simulate --bug BUG …                     with a bug planted: \
        \(PlantedBug.allCases.map(\.rawValue).joined(separator: " "))
        """

    init(_ arguments: [String]) {
        isQuiet = arguments.contains("--quiet")
        lastLaw = Self.value("until", arguments)
        task = Self.task(arguments)
    }

    private static func value(_ name: String, _ arguments: [String]) -> String? {
        arguments.firstIndex(of: "--\(name)").flatMap { place in
            arguments.indices.contains(place + 1) ? arguments[place + 1] : nil
        }
    }

    private static func task(_ arguments: [String]) -> Task {
        func value(_ name: String) -> String? { Self.value(name, arguments) }
        if arguments.contains("--help") { return .help(usage) }
        var bug: PlantedBug?
        if let word = value("bug") {
            bug = PlantedBug(rawValue: word)
            if bug == nil { return .help(usage) }
        }
        if let seed = value("seed") {
            guard let seed = UInt64(seed) else { return .help(usage) }
            return .one(WorldPlan(seed: seed, bug: bug))
        }
        if let count = value("every-call").flatMap({ Int($0) }) {
            return .many(
                (1...count).flatMap { call in
                    [false, true].map { losesPower in
                        WorldPlan(
                            seed: UInt64(call), crashInCall: call, losesPower: losesPower)
                    }
                })
        }
        guard let first = UInt64(value("from") ?? "1"), let count = UInt64(value("seeds") ?? "200"),
            count > 0
        else { return .help(usage) }
        return .many((first..<first + count).map { WorldPlan(seed: $0, bug: bug) })
    }
}
