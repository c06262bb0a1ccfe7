import Foundation
import Sandbox
import Testing

/// What a real Kong 3.9.1 answered, asked of the sandbox, and of another Kong when `KONG_ADMIN_URL`
/// names one with a database (`KONG_DBLESS_ADMIN_URL`: one without).
@Suite struct KongContract {
    @Test func `the recordings are here`() {
        #expect(Recording.all.count >= 25)
    }

    @Test(arguments: Recording.all)
    func `the sandbox answers as recorded`(_ recording: Recording) async throws {
        var configuration = SandboxConfiguration()
        configuration.isDBLess = recording.isDBLess
        configuration.stateDelay = .milliseconds(500)
        let kong = try await SandboxKong.start(configuration)
        var replay = Replay(adminURL: kong.adminURLs[0])
        let outcome = await Result { try await replay.run(recording) }
        await kong.stop()
        try outcome.get()
    }

    @Test(arguments: [false, true])
    func `one sandbox answers all of them in turn`(isDBLess: Bool) async throws {
        var configuration = SandboxConfiguration()
        configuration.isDBLess = isDBLess
        configuration.stateDelay = .milliseconds(500)
        let kong = try await SandboxKong.start(configuration)
        let outcome = await Result {
            for recording in Recording.all where recording.isDBLess == isDBLess {
                var replay = Replay(adminURL: kong.adminURLs[0])
                try await replay.run(recording)
            }
        }
        await kong.stop()
        try outcome.get()
    }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["KONG_ADMIN_URL"] != nil),
        arguments: Recording.all.filter { !$0.isDBLess })
    func `a real Kong still answers as recorded`(_ recording: Recording) async throws {
        let url = try #require(ProcessInfo.processInfo.environment["KONG_ADMIN_URL"])
        var replay = Replay(adminURL: url)
        try await replay.run(recording)
    }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["KONG_DBLESS_ADMIN_URL"] != nil),
        arguments: Recording.all.filter(\.isDBLess))
    func `a real Kong without a database still answers as recorded`(
        _ recording: Recording
    ) async throws {
        let url = try #require(ProcessInfo.processInfo.environment["KONG_DBLESS_ADMIN_URL"])
        var replay = Replay(adminURL: url)
        try await replay.run(recording)
    }
}

extension Result where Failure == any Error {
    init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
