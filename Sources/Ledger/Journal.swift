/// The file that entries are appended to.
///
/// Room is made ahead of the end, as zeros: a write into it cannot run out of space, and its sync
/// has no length and no extent to change, which makes it up to half as fast again. The last part
/// of that room is the reserve for urgent entries.
struct Journal {
    /// Bytes kept free for urgent entries; as much room again is made at a time.
    let reserve: Int
    private let disk: any Disk
    private let file: DiskFile
    /// Where the next line goes; everything before it is synced.
    private(set) var end: Int
    /// Up to here writing needs no new space.
    private var allocated: Int

    /// Opens a journal whose last whole line ends at `end`, and cuts what is after it.
    init(
        opening path: String, end: Int, reserve: Int, on disk: any Disk
    ) throws(DiskError) {
        self.disk = disk
        self.reserve = reserve
        self.end = end
        allocated = end
        file = try disk.open(path)
        do throws(DiskError) {
            try disk.truncate(file, to: end)
            try disk.sync(file)
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Makes a journal with its format line, synced; the caller makes its name durable.
    init(
        creating path: String, format: FormatLine, reserve: Int, on disk: any Disk
    ) throws(DiskError) {
        self.disk = disk
        self.reserve = reserve
        end = 0
        allocated = 0
        file = try disk.create(path)
        do throws(DiskError) {
            try append(format.encoded)
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Makes room for `count` bytes beside the reserve; false when the disk is full.
    mutating func makeRoom(for count: Int) throws(DiskError) -> Bool {
        let needed = end + count + reserve
        guard needed > allocated else { return true }
        if try grow(to: needed + reserve) { return true }
        return try grow(to: needed)
    }

    /// Whether `count` bytes fit, the reserve included, after trying to make room.
    mutating func makeUrgentRoom(for count: Int) throws(DiskError) -> Bool {
        if end + count <= allocated { return true }
        return try grow(to: end + count)
    }

    private mutating func grow(to length: Int) throws(DiskError) -> Bool {
        let count = length - allocated
        do throws(DiskError) {
            try disk.allocate(file, from: allocated, count: count)
            try write([UInt8](repeating: 0, count: count), at: allocated)
        } catch {
            if error.isFull { return false }
            throw error
        }
        allocated = length
        return true
    }

    /// Writes and syncs. After an error the bytes may or may not be there: ``cut(_:)`` them.
    mutating func append(_ bytes: [UInt8]) throws(DiskError) {
        try write(bytes, at: end)
        try disk.sync(file)
        end += bytes.count
        allocated = max(allocated, end)
    }

    /// Takes back up to `count` bytes that a failed ``append(_:)`` may have left after the end.
    mutating func cut(_ count: Int) throws(DiskError) {
        do throws(DiskError) {
            // Zeros keep the room, and with it the reserve.
            let inside = min(end + count, allocated) - end
            if inside < count { try disk.truncate(file, to: allocated) }
            try write([UInt8](repeating: 0, count: inside), at: end)
            try disk.sync(file)
        } catch {
            try disk.truncate(file, to: end)
            allocated = end
            try disk.sync(file)
        }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        try disk.writeAll(bytes, to: file, at: offset)
    }

    /// Gives the unused room back and lets go of the file. Only tidiness: failing loses nothing.
    func close() -> DiskError? {
        defer { disk.close(file) }
        do throws(DiskError) {
            try disk.truncate(file, to: end)
            try disk.sync(file)
            return nil
        } catch {
            return error
        }
    }

    /// Lets go of a file that was renamed away; it is synced.
    func abandon() { disk.close(file) }
}
