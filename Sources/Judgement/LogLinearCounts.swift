/// Counts of whole numbers, exact below 128 and to 1/64 of an octave above, up to 2^22.
///
/// 17 pages of 64 bins: 0...63 and 64...127 in steps of 1, then an octave a page, in steps of 2,
/// 4, … A page is allocated when its first number comes, so three octaves cost 1 KiB. Numbers
/// beyond the end are counted in the last bin; a bin stops at 2^32 − 1.
struct LogLinearCounts: Hashable, Sendable {
    static let pageCount = 17
    static let binsPerPage = 64
    /// The first number that is too large to tell from others.
    static let end = 1 << 22

    private var bins: [UInt32] = []
    /// For each page its place in `bins`, in pages from 1; 0 while it is not allocated.
    private var places: [UInt8] = []
    private(set) var total = 0

    init() {}

    /// The bin of `value`, clamped to the range; bins of all pages are numbered in order.
    static func bin(of value: Int) -> Int {
        let clamped = min(max(0, value), end - 1)
        guard clamped >= 64 else { return clamped }
        let octave = Int.bitWidth - 1 - clamped.leadingZeroBitCount
        return (octave - 5) * 64 + (clamped >> (octave - 6)) & 63
    }

    /// The whole numbers that `bin` counts; the last one counts all above it too.
    static func range(ofBin bin: Int) -> Range<Int> {
        let page = bin / 64
        let place = bin % 64
        guard page > 0 else { return place..<place + 1 }
        let first = (64 + place) << (page - 1)
        return first..<first + 1 << (page - 1)
    }

    mutating func add(_ value: Int) {
        let bin = Self.bin(of: value)
        let page = bin / Self.binsPerPage
        if places.isEmpty || places[page] == 0 { allocate(page) }
        let place = (Int(places[page]) - 1) * Self.binsPerPage + bin % Self.binsPerPage
        if bins[place] < .max { bins[place] += 1 }
        total += 1
    }

    mutating func add(contentsOf numbers: [Int32]) {
        for number in numbers { add(Int(number)) }
    }

    /// Adds the counts of another one.
    mutating func merge(_ other: LogLinearCounts) {
        guard other.total > 0 else { return }
        guard total > 0 else {
            self = other
            return
        }
        for (page, place) in other.places.enumerated() where place > 0 {
            if places[page] == 0 { allocate(page) }
            let from = (Int(place) - 1) * Self.binsPerPage
            let to = (Int(places[page]) - 1) * Self.binsPerPage
            for offset in 0..<Self.binsPerPage {
                let sum = Int(bins[to + offset]) + Int(other.bins[from + offset])
                bins[to + offset] = UInt32(clamping: sum)
            }
        }
        total += other.total
    }

    private mutating func allocate(_ page: Int) {
        if places.isEmpty { places = [UInt8](repeating: 0, count: Self.pageCount) }
        // Not in doubling steps: thousands of these are kept.
        bins.reserveCapacity(bins.count + Self.binsPerPage)
        bins.append(contentsOf: repeatElement(0, count: Self.binsPerPage))
        places[page] = UInt8(bins.count / Self.binsPerPage)
    }

    /// Calls `visit` with every bin in which this one or `other` counted something, with their
    /// sum, in ascending order, until it says no.
    func forEach(
        with other: LogLinearCounts? = nil, _ visit: (_ bin: Int, _ count: Int) -> Bool
    ) {
        for page in 0..<Self.pageCount {
            let mine = start(of: page)
            let theirs = other?.start(of: page)
            guard mine != nil || theirs != nil else { continue }
            for offset in 0..<Self.binsPerPage {
                var count = 0
                if let mine { count += Int(bins[mine + offset]) }
                if let other, let theirs { count += Int(other.bins[theirs + offset]) }
                guard count > 0 else { continue }
                guard visit(page * Self.binsPerPage + offset, count) else { return }
            }
        }
    }

    /// Where the bins of `page` begin; nil while it is not allocated.
    private func start(of page: Int) -> Int? {
        guard !places.isEmpty, places[page] > 0 else { return nil }
        return (Int(places[page]) - 1) * Self.binsPerPage
    }

    /// The first bin up to which at least `rank` numbers are counted in this one and `other`;
    /// nil when there are fewer.
    func bin(atRank rank: Int, with other: LogLinearCounts? = nil) -> Int? {
        guard rank <= total + (other?.total ?? 0) else { return nil }
        var found: Int?
        var below = 0
        forEach(with: other) { bin, count in
            below += count
            if below >= rank { found = bin }
            return found == nil
        }
        return found
    }

    /// Bytes of the storage that is allocated.
    var bytes: Int { bins.capacity * 4 + places.capacity }
}
