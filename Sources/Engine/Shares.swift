/// Work on many elements, some at a time, on every core.
enum Shares {
    /// Elements that one task takes: so many that handing them out costs nothing beside.
    private static let size = 1_000

    /// What `make` gives for each share, in the order of the elements.
    static func map<Element: Sendable, Made: Sendable>(
        _ elements: [Element], _ make: @escaping @Sendable (ArraySlice<Element>) -> Made
    ) async -> [Made] {
        var made: [(start: Int, Made)] = []
        await forEach(elements) { share in
            (start: share.startIndex, make(share))
        } take: { share in
            made.append(share)
        }
        return made.sorted { $0.start < $1.start }.map(\.1)
    }

    /// Hands on what `make` gives for each share, as it comes: in any order, to the caller's
    /// actor, while others are still worked on.
    static func forEach<Element: Sendable, Made: Sendable>(
        _ elements: [Element], isolation: isolated (any Actor)? = #isolation,
        _ make: @escaping @Sendable (ArraySlice<Element>) -> Made, take: (Made) -> Void
    ) async {
        await withTaskGroup(of: Made.self) { group in
            for start in stride(from: 0, to: elements.count, by: size) {
                let share = elements[start..<min(start + size, elements.count)]
                group.addTask { make(share) }
            }
            for await made in group { take(made) }
        }
    }
}
