import Ledger

/// A disk that takes its time, fails, fills up, and loses power in the middle of any call.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class SimulatedDisk: @unchecked Sendable {
    /// How often what goes wrong, in 10,000 calls.
    struct Rates {
        var error = 0
        var failedSync = 0
        var short = 0
        var slow = 0
    }

    let scheduler: Scheduler
    let tally: Tally
    var dice: Dice
    var image = DiskImage()
    var rates = Rates()
    /// Bytes in all files together; nil: there is room.
    var capacity: Int?
    /// Planted: a directory's sync does nothing.
    var forgetsDirectories = false
    var calls = 0
    /// The call in the middle of which something happens, and what.
    var trap: (call: Int, spring: () -> Void)?
    private var handles: [Int32: Int] = [:]
    private var nextHandle: Int32 = 3
    private var holder: Int?

    init(_ scheduler: Scheduler, _ tally: Tally, dice: Dice) {
        self.scheduler = scheduler
        self.tally = tally
        self.dice = dice
    }

    /// What a process that died held.
    func release(_ owner: Int) { if holder == owner { holder = nil } }

    func losePower() {
        image.losePower(&dice)
        handles = [:]
    }

    fileprivate func handle(to number: Int) -> DiskFile {
        nextHandle += 1
        handles[nextHandle] = number
        return DiskFile(descriptor: nextHandle)
    }

    fileprivate func number(of file: DiskFile) throws(DiskError) -> Int {
        guard let number = handles[file.descriptor] else { throw Self.error("handle", "closed") }
        return number
    }

    fileprivate func take(_ length: Int, more: Int, _ operation: String) throws(DiskError) {
        guard let capacity, more > 0, image.used + more > capacity else { return }
        tally.count("disk: full")
        throw DiskError(operation: operation, reason: "no space left on device", isFull: true)
    }

    fileprivate func lock(for owner: Int) -> LockOutcome {
        guard holder == nil else { return .held(byProcess: holder) }
        holder = owner
        return .locked(handle(to: -1))
    }

    fileprivate func close(_ file: DiskFile) {
        if handles.removeValue(forKey: file.descriptor) == -1 { holder = nil }
    }

    static func error(_ operation: String, _ reason: String) -> DiskError {
        DiskError(operation: operation, reason: reason, isFull: false)
    }
}

/// The disk as one process sees it, until that process dies.
///
/// `@unchecked Sendable`: only one thread runs at any moment.
final class DiskSession: Disk, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let owner: Int
    var isDead = false

    init(_ disk: SimulatedDisk, owner: Int) {
        self.disk = disk
        self.owner = owner
    }

    private func begin(_ operation: String, _ least: Int, _ most: Int) throws(DiskError) {
        guard !isDead else { throw SimulatedDisk.error(operation, "the process is dead") }
        disk.calls += 1
        var time = disk.dice.time(.microseconds(least), .microseconds(most))
        if disk.dice.happens(disk.rates.slow) {
            disk.tally.count("disk: slow")
            time += disk.dice.time(.milliseconds(20), .milliseconds(900))
        }
        if let trap = disk.trap, trap.call <= disk.calls {
            disk.trap = nil
            disk.scheduler.after(.zero) { trap.spring() }
            // Whether the call is carried out before the end, or not.
            if disk.dice.happens(5_000) { return }
        }
        if let fiber = disk.scheduler.running {
            disk.scheduler.after(time, of: owner) { fiber.resume() }
            fiber.park()
        }
        guard !isDead else { throw SimulatedDisk.error(operation, "the process is dead") }
        if disk.dice.happens(disk.rates.error) {
            disk.tally.count("disk: error")
            throw SimulatedDisk.error(operation, "input/output error")
        }
    }

    func makeDirectory(_ path: String) throws(DiskError) {}

    func contents(of path: String) throws(DiskError) -> [UInt8]? {
        try begin("read \(path)", 20, 200)
        return disk.image.names[path].flatMap { disk.image.inodes[$0]?.current }
    }

    func create(_ path: String) throws(DiskError) -> DiskFile {
        try begin("create \(path)", 10, 60)
        return disk.handle(to: disk.image.make(path))
    }

    func open(_ path: String) throws(DiskError) -> DiskFile {
        try begin("open \(path)", 10, 60)
        guard let number = disk.image.names[path] else {
            throw SimulatedDisk.error("open \(path)", "no such file")
        }
        return disk.handle(to: number)
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int
    ) throws(DiskError) -> Int {
        try begin("write", 5, 40)
        let number = try disk.number(of: file)
        var count = bytes.count
        if count > 1, disk.dice.happens(disk.rates.short) {
            disk.tally.count("disk: short write")
            count = disk.dice.roll(1...count - 1)
        }
        let length = disk.image.inodes[number]?.current.count ?? 0
        try disk.take(length, more: offset + count - length, "write")
        disk.image.inodes[number]?.write(Array(bytes[..<count]), at: offset)
        return count
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        try begin("sync", 200, 3_000)
        let number = try disk.number(of: file)
        if disk.dice.happens(disk.rates.failedSync) {
            disk.tally.count("disk: failed sync")
            disk.image.inodes[number]?.syncInVain(&disk.dice)
            throw SimulatedDisk.error("sync", "input/output error")
        }
        disk.image.inodes[number]?.sync()
    }

    func truncate(_ file: DiskFile, to length: Int) throws(DiskError) {
        try begin("truncate", 10, 60)
        disk.image.inodes[try disk.number(of: file)]?.resize(to: length)
    }

    func allocate(_ file: DiskFile, from offset: Int, count: Int) throws(DiskError) {
        try begin("allocate", 10, 60)
        let number = try disk.number(of: file)
        let length = disk.image.inodes[number]?.current.count ?? 0
        try disk.take(length, more: offset + count - length, "allocate")
        disk.image.inodes[number]?.resize(to: max(length, offset + count))
    }

    func close(_ file: DiskFile) { if !isDead { disk.close(file) } }

    func rename(_ path: String, to other: String) throws(DiskError) {
        try begin("rename \(path)", 20, 100)
        guard disk.image.names[path] != nil else {
            throw SimulatedDisk.error("rename \(path)", "no such file")
        }
        disk.image.change(.rename(path, to: other))
    }

    func remove(_ path: String) throws(DiskError) {
        try begin("remove \(path)", 20, 100)
        if disk.image.names[path] != nil { disk.image.change(.remove(path)) }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try begin("sync directory", 200, 3_000)
        guard !disk.forgetsDirectories else { return }
        if disk.dice.happens(disk.rates.failedSync) {
            disk.tally.count("disk: failed directory sync")
            throw SimulatedDisk.error("sync directory", "input/output error")
        }
        disk.image.syncNames()
    }

    func lock(_ path: String) throws(DiskError) -> LockOutcome {
        try begin("lock", 5, 40)
        return disk.lock(for: owner)
    }
}
