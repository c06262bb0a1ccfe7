/// A queue in an array: taking from its front moves nothing, most of the time.
struct Backlog<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Removes and returns up to `limit` elements from the front.
    mutating func take(_ limit: Int) -> [Element] {
        let end = min(elements.count, start + limit)
        let taken = Array(elements[start..<end])
        start = end
        if start == elements.count {
            elements = []
            start = 0
        } else if start > 1024, start > elements.count / 2 {
            elements = Array(elements[start...])
            start = 0
        }
        return taken
    }
}
