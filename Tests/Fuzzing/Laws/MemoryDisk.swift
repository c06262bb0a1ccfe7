import Ledger
import Synchronization

/// Files in memory; nothing ever fails.
final class MemoryDisk: Disk {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var open: [Int32: String] = [:]
        var next: Int32 = 3
    }

    private let state = Mutex(State())

    init(_ files: [String: [UInt8]]) { state.withLock { $0.files = files } }

    var files: [String: [UInt8]] { state.withLock { $0.files } }

    func makeDirectory(_ path: String) {}
    func contents(of path: String) -> [UInt8]? { state.withLock { $0.files[path] } }

    func create(_ path: String) -> DiskFile {
        state.withLock { $0.files[path] = [] }
        return open(path)
    }

    func open(_ path: String) -> DiskFile {
        state.withLock { state in
            state.next += 1
            state.open[state.next] = path
            return DiskFile(descriptor: state.next)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int) -> Int {
        change(file) { content in
            if content.count < offset + bytes.count {
                content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
            }
            content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        return bytes.count
    }

    func sync(_ file: DiskFile) {}
    func truncate(_ file: DiskFile, to length: Int) {
        change(file) { content in
            if content.count > length { content.removeLast(content.count - length) }
        }
    }
    func allocate(_ file: DiskFile, from offset: Int, count: Int) {}
    func close(_ file: DiskFile) { state.withLock { $0.open[file.descriptor] = nil } }
    func rename(_ path: String, to other: String) {
        state.withLock { $0.files[other] = $0.files.removeValue(forKey: path) }
    }
    func remove(_ path: String) { state.withLock { $0.files[path] = nil } }
    func syncDirectory(_ path: String) {}
    func lock(_ path: String) -> LockOutcome { .locked(open(path)) }

    private func change(_ file: DiskFile, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let path = state.open[file.descriptor] else { return }
            change(&state.files[path, default: []])
        }
    }
}
