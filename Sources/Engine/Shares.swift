/// Work on many elements, some at a time, on every core.
enum Shares {
    /// Elements that one task takes: so many that handing them out costs nothing beside.
    private static let size = 1_000

    /// What `make` gives for each share, in the order of the elements.
    static func map<Element: Sendable, Made: Sendable>(
        _ elements: [Element], _ make: @escaping @Sendable (ArraySlice<Element>) -> Made
    ) async -> [Made] {
        await withTaskGroup(of: (Int, Made).self) { group in
            for start in stride(from: 0, to: elements.count, by: size) {
                let share = elements[start..<min(start + size, elements.count)]
                group.addTask { (start, make(share)) }
            }
            var made: [(start: Int, Made)] = []
            made.reserveCapacity(elements.count / size + 1)
            for await share in group { made.append(share) }
            return made.sorted { $0.start < $1.start }.map(\.1)
        }
    }
}
