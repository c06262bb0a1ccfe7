import ArgumentParser

/// The program. Every command is a file of its own.
@main
struct KongRollouts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kong-rollouts",
        abstract: "Progressive delivery for model servers behind Kong Gateway.",
        version: "kong-rollouts \(Release.version)",
        subcommands: [Serve.self, RunSandbox.self, Replay.self, Demo.self])
}

/// What this build calls itself.
enum Release {
    static let version = "0.1.0"
}
