import Glibc
import Ledger
import Synchronization

/// A disk in memory that can fail, fill up and lose power at any call.
///
/// What was written is durable only after its file's sync, a name only after its directory's.
/// When power fails, of the unsynced writes each 512-byte sector survives or not by a coin.
final class SimulatedDisk: Disk {
    enum Fault: Equatable { case error, full, powerLoss }

    struct State {
        var inodes: [Int32: Inode] = [:]
        var names: [String: Int32] = [:]
        var durableNames: [String: Int32] = [:]
        /// Changes of names since the directory's sync; each may survive without the others.
        var unsyncedNames: [NameChange] = []
        var handles: [Int32: Int32] = [:]
        var next: Int32 = 3
        var isLocked = false
        var hasPower = true
        var calls = 0
        var syncs = 0
        /// Faults by number of the call, counted from 0.
        var faults: [Int: Fault] = [:]
        /// Every such call fails while it is set.
        var failing: Set<String> = []
        /// Space in all files together.
        var capacity = Int.max
        /// How long a sync takes, in microseconds.
        var syncTime: UInt32 = 0
        /// The most that one write takes; nil: all.
        var shortWrites: Int?
        var log: [String] = []
    }

    let state: Mutex<State>

    init(_ image: State = State()) { state = Mutex(image) }

    private func call<R>(
        _ name: String, _ work: (inout State) throws(DiskError) -> R
    ) throws(DiskError) -> R {
        let result: Result<R, DiskError> = state.withLock { state in
            guard state.hasPower else { return .failure(Self.error(name, "no power")) }
            defer { state.calls += 1 }
            state.log.append(name)
            switch state.faults[state.calls] {
            case .error?: return .failure(Self.error(name, "input/output error"))
            case .full?: return .failure(Self.error(name, "no space left", isFull: true))
            case .powerLoss?:
                state.hasPower = false
                return .failure(Self.error(name, "no power"))
            case nil: break
            }
            if state.failing.contains(name) {
                return .failure(Self.error(name, "input/output error"))
            }
            do throws(DiskError) { return .success(try work(&state)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func error(_ name: String, _ reason: String, isFull: Bool = false) -> DiskError {
        DiskError(operation: name, reason: reason, isFull: isFull)
    }

    func makeDirectory(_ path: String) throws(DiskError) {}

    func contents(of path: String) throws(DiskError) -> [UInt8]? {
        try call("read") { state in state.names[path].flatMap { state.inodes[$0]?.current } }
    }

    func create(_ path: String) throws(DiskError) -> DiskFile {
        try call("create") { state in
            let number = state.names[path] ?? state.fresh()
            state.inodes[number, default: Inode()].resize(to: 0)
            state.change(.make(path, number))
            return state.handle(to: number)
        }
    }

    func open(_ path: String) throws(DiskError) -> DiskFile {
        try call("open") { state throws(DiskError) in
            guard let number = state.names[path] else { throw Self.error("open", "no such file") }
            return state.handle(to: number)
        }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int
    ) throws(DiskError) -> Int {
        let copy = Array(bytes)
        return try call("write") { state throws(DiskError) in
            let count = min(copy.count, state.shortWrites ?? copy.count)
            let number = state.handles[file.descriptor]!
            var inode = state.inodes.removeValue(forKey: number)!
            defer { state.inodes[number] = inode }
            try state.take(offset + count, for: &inode, of: number, "write")
            inode.write(copy[..<count], at: offset)
            return count
        }
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        usleep(state.withLock { $0.syncTime })
        try call("sync") { state in
            let number = state.handles[file.descriptor]!
            state.inodes[number]!.unsynced = []
            state.syncs += 1
        }
    }

    func truncate(_ file: DiskFile, to length: Int) throws(DiskError) {
        try call("truncate") { state in
            let number = state.handles[file.descriptor]!
            state.inodes[number]!.resize(to: length)
        }
    }

    func allocate(_ file: DiskFile, from offset: Int, count: Int) throws(DiskError) {
        try call("allocate") { state throws(DiskError) in
            let number = state.handles[file.descriptor]!
            var inode = state.inodes[number]!
            try state.take(offset + count, for: &inode, of: number, "allocate")
            let room = inode.room
            inode.resize(to: max(inode.current.count, offset + count))
            inode.room = room
            state.inodes[number] = inode
        }
    }

    func close(_ file: DiskFile) {
        state.withLock { state in
            // The lock's handle leads to no inode.
            if state.handles.removeValue(forKey: file.descriptor) == -1 { state.isLocked = false }
        }
    }

    func rename(_ path: String, to other: String) throws(DiskError) {
        try call("rename") { state throws(DiskError) in
            guard state.names[path] != nil else {
                throw Self.error("rename \(path)", "no such file")
            }
            state.change(.rename(path, to: other))
        }
    }

    func remove(_ path: String) throws(DiskError) {
        try call("remove") { state in state.change(.remove(path)) }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try call("syncDirectory") { state in
            state.durableNames = state.names
            state.unsyncedNames = []
        }
    }

    func lock(_ path: String) throws(DiskError) -> LockOutcome {
        try call("lock") { state in
            guard !state.isLocked else { return .held(byProcess: 4711) }
            state.isLocked = true
            return .locked(state.handle(to: -1))
        }
    }
}

extension SimulatedDisk.State {
    mutating func change(_ change: SimulatedDisk.NameChange) {
        change.apply(to: &names)
        unsyncedNames.append(change)
    }

    mutating func fresh() -> Int32 {
        next += 1
        return next
    }

    mutating func handle(to inode: Int32) -> DiskFile {
        let file = DiskFile(descriptor: fresh())
        handles[file.descriptor] = inode
        return file
    }

    func take(
        _ length: Int, for inode: inout SimulatedDisk.Inode, of number: Int32, _ operation: String
    ) throws(DiskError) {
        let more = max(0, length - inode.room)
        let named = Set(names.values)
        let used = inodes.reduce(0) { $0 + (named.contains($1.key) ? $1.value.room : 0) }
        guard more == 0 || used + more <= capacity else {
            throw DiskError(operation: operation, reason: "no space left", isFull: true)
        }
        inode.room += more
    }
}

extension SimulatedDisk {
    /// Cuts the power and puts it back: only what was synced is sure to be there.
    func restart(random: inout some RandomNumberGenerator) {
        var coins = random
        state.withLock { state in
            for (number, inode) in state.inodes {
                let survived = inode.afterPowerLoss(&coins)
                state.inodes[number] = Inode(current: survived, room: survived.count)
            }
            for change in state.unsyncedNames where Bool.random(using: &coins) {
                change.apply(to: &state.durableNames)
            }
            state.names = state.durableNames
            state.unsyncedNames = []
            state.handles = [:]
            state.isLocked = false
            state.hasPower = true
            state.faults = [:]
            state.failing = []
        }
        random = coins
    }

    func file(_ path: String) -> [UInt8]? {
        state.withLock { state in state.names[path].flatMap { state.inodes[$0]?.current } }
    }

    func put(_ bytes: [UInt8], in path: String) {
        state.withLock { state in
            let number = state.names[path] ?? state.fresh()
            state.names[path] = number
            state.durableNames[path] = number
            state.inodes[number] = Inode(current: bytes, room: bytes.count)
        }
    }
}
