/// A table for people, in Markdown.
struct Table {
    private var rows: [[String]]

    init(_ head: [String]) { rows = [head] }

    mutating func add(_ row: [String]) { rows.append(row) }

    func print() {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for (index, row) in rows.enumerated() {
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            Swift.print("| " + cells.joined(separator: " | ") + " |")
            if index == 0 {
                let rule = widths.map { String(repeating: "-", count: $0 + 2) }
                Swift.print("|" + rule.joined(separator: "|") + "|")
            }
        }
        Swift.print("")
    }
}

/// `value` with so many decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let whole = Int((abs(value) * scale).rounded())
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(whole) }
    let rest = String(whole % Int(scale))
    let padding = String(repeating: "0", count: decimals - rest.count)
    return "\(sign)\(whole / Int(scale)).\(padding)\(rest)"
}

/// A fraction in percent with two decimals.
func percent(_ part: Double) -> String { fixed(100 * part, 2) + " %" }
