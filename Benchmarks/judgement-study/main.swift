// What the judgement promises, measured: false alarms, delays, cost. The seeds are fixed, so
// all figures but the cost are the same in every run.
let started = processorSeconds()
printFalseAlarms()
printDriftingWorlds()
printWholePolicy()
printPower()
printSpeed()
print("\(fixed(processorSeconds() - started, 0)) s of processor time")
