// What the judgement promises, measured: false alarms, delays, cost. The seeds are fixed, so
// all figures but the cost are the same in every run.
//
//   judgement-study [false-alarms|drifting|policy|power|speed]…   without: all of them
let parts: [(name: String, print: () -> Void)] = [
    ("false-alarms", printFalseAlarms), ("drifting", printDriftingWorlds),
    ("policy", printWholePolicy), ("power", printPower), ("speed", printSpeed),
]
let asked = CommandLine.arguments.dropFirst()
if let unknown = asked.first(where: { name in !parts.contains { $0.name == name } }) {
    print("no part is called \(unknown); there are \(parts.map(\.name).joined(separator: ", "))")
    leave(2)
}
let started = processorSeconds()
for part in parts where asked.isEmpty || asked.contains(part.name) { part.print() }
print("\(fixed(processorSeconds() - started, 0)) s of processor time")
