internal import Glibc

/// The real file system of a Linux machine.
public struct SystemDisk: Disk {
    public init() {}

    public func makeDirectory(_ path: String) throws(DiskError) {
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return }
            throw DiskError("make directory", path)
        }
        try syncDirectory(path + "/..")
    }

    public func contents(of path: String) throws(DiskError) -> [UInt8]? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw DiskError("open", path)
        }
        defer { _ = Glibc.close(descriptor) }
        let length = Int(lseek(descriptor, 0, SEEK_END))
        guard length >= 0 else { throw DiskError("measure", path) }
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            while count < length {
                let got = pread(descriptor, base + count, length - count, off_t(count))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = DiskError("read", path) }
                guard got > 0 else { return }
                count += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    public func create(_ path: String) throws(DiskError) -> DiskFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskError("create", path) }
        return DiskFile(descriptor: descriptor)
    }

    public func open(_ path: String) throws(DiskError) -> DiskFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError("open", path) }
        return DiskFile(descriptor: descriptor)
    }

    public func write(
        _ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int
    ) throws(DiskError) -> Int {
        while true {
            let written = pwrite(file.descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            if written > 0 { return written }
            if written == 0 {
                throw DiskError(operation: "write", reason: "nothing was written", isFull: false)
            }
            if errno != EINTR { throw DiskError("write") }
        }
    }

    public func sync(_ file: DiskFile) throws(DiskError) {
        // A failed sync is not repeated: the kernel may have forgotten what it could not write.
        guard fdatasync(file.descriptor) == 0 else { throw DiskError("sync") }
    }

    public func truncate(_ file: DiskFile, to length: Int) throws(DiskError) {
        while ftruncate(file.descriptor, off_t(length)) != 0 {
            if errno != EINTR { throw DiskError("truncate") }
        }
    }

    public func allocate(_ file: DiskFile, from offset: Int, count: Int) throws(DiskError) {
        while true {
            // Answers the error instead of setting `errno`.
            let code = posix_fallocate(file.descriptor, off_t(offset), off_t(count))
            if code == 0 { return }
            if code != EINTR { throw DiskError("allocate", code: code) }
        }
    }

    public func close(_ file: DiskFile) { _ = Glibc.close(file.descriptor) }

    public func rename(_ path: String, to other: String) throws(DiskError) {
        guard Glibc.rename(path, other) == 0 else { throw DiskError("rename", path) }
    }

    public func remove(_ path: String) throws(DiskError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw DiskError("remove", path) }
    }

    public func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError("open", path) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError("sync", path) }
    }

    public func lock(_ path: String) throws(DiskError) -> LockOutcome {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskError("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            guard code == EWOULDBLOCK else { throw DiskError("lock", path, code: code) }
            let text = try contents(of: path) ?? []
            return .held(byProcess: Int(String(decoding: text.prefix { $0 > 0x20 }, as: UTF8.self)))
        }
        // Only a hint for whoever is refused: a full disk must not keep us from starting.
        let name = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, name, name.count, 0) }
        return .locked(DiskFile(descriptor: descriptor))
    }
}

extension DiskError {
    fileprivate init(_ operation: String, _ path: String = "", code: Int32 = errno) {
        self.init(
            operation: path.isEmpty ? operation : "\(operation) \(path)",
            reason: String(cString: strerror(code)), isFull: code == ENOSPC || code == EDQUOT)
    }
}
