import ArgumentParser
import Foundation
import Logging
import Sandbox

/// The whole story on loopback, with measured splits.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one rollout promoted, one aborted and one that aborts itself.",
        discussion: """
            Ends with 0 only if every split was measured as asked, no request failed, and a canary \
            that turned bad was taken back within 5 s.
            """)

    @Option(help: "Requests measured at each share.")
    var requests = 2_000

    func run() async throws {
        let data = FileManager.default.temporaryDirectory
            .appending(path: "kong-rollouts-demo-\(ProcessInfo.processInfo.processIdentifier)")
        defer {
            do { try FileManager.default.removeItem(at: data) } catch {
                print("left behind: \(data.path())")
            }
        }
        var layer = SettingsLayer()
        layer.listen = "127.0.0.1:0"
        layer.data = data.path()
        var logger = Logger(label: "demo") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let service = try await RunningService.start(
            Settings(layer, usesSandbox: true),
            sandbox: .embedded(proxy: "127.0.0.1:0", models: []), logger: logger)
        print("SANDBOX: an embedded stand-in, not Kong")
        guard let sandbox = service.sandbox, let proxy = sandbox.proxyURLs.first else {
            throw ValidationError("the stand-in has no proxy")
        }
        let client = ServiceClient(base: service.address)
        let told: Result<Bool, any Error>
        do {
            let story = DemoStory(service: client, proxy: proxy, requests: requests)
            let judgement = DemoJudgement(service: client, sandbox: sandbox, proxy: proxy)
            let isAsAsked = try await story.tell()
            told = .success(try await judgement.tell() && isAsAsked)
        } catch {
            told = .failure(error)
        }
        await client.shutdown()
        await service.stop(grace: .seconds(1))
        let isGood = try told.get()
        print(isGood ? "\nAll as asked." : "\nNOT as asked: see above.")
        guard isGood else { throw ExitCode.failure }
    }
}
