import Dispatch
import Glibc

/// Runs a program and returns what it wrote to its standard output.
///
/// Foundation's `Process` is no choice here: it copies whole entries out of the system's list of
/// open descriptors, reads beyond the end of that list when the tests beside it hold more than a
/// thousand of them, and crashes.
func output(of tool: String, _ arguments: [String]) async throws -> String {
    try await blocking {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ToolFailure(code: errno) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(tool, arguments, writingTo: ends[1])
        }
        let bytes = readAll(from: ends[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct ToolFailure: Error { let code: Int32 }

/// Runs what blocks on a thread of its own: Swift's pool is for the handlers.
func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "test-blocking").async {
            continuation.resume(with: Result { try body() })
        }
    }
}

/// Asks, on a thread that may be blocked, until it is so; false: it was not within ten seconds.
func comesTrue(_ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        usleep(1_000)
    }
    return true
}

private func spawn(
    _ tool: String, _ arguments: [String], writingTo descriptor: Int32
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, descriptor, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var texts = ([tool] + arguments).map { strdup($0) } + [nil]
    defer { for text in texts { free(text) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, tool, &actions, nil, &texts, environ)
    guard code == 0 else { throw ToolFailure(code: code) }
    return child
}

private func readAll(from descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
            bytes += buffer[..<count]
        } else if count == 0 || errno != EINTR {
            return bytes
        }
    }
}
