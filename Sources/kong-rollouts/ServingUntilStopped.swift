import Logging
import Rollouts
import Sandbox
import ServiceLifecycle
import UnixSignals

/// Runs until told to stop, and reads tokens and certificates again at SIGHUP.
struct ServingUntilStopped: Service {
    let service: RunningService
    let sources: SettingsSources
    let grace: TimeSpan
    let logger: Logger

    func run() async throws {
        // Every signal is caught by now, or a program that waits for the line could end this one.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        announce()
        await withTaskGroup { group in
            group.addTask { await reload(at: hangups) }
            group.addTask { await withGracefulShutdown() }
            await group.next()
            group.cancelAll()
        }
        await service.stop(grace: .seconds(grace.seconds))
    }

    /// Returns once a graceful shutdown has begun.
    private func withGracefulShutdown() async {
        do { try await gracefulShutdown() } catch { return }
    }

    /// Two lines on standard output, for people and for programs that wait for them.
    private func announce() {
        if let sandbox = service.sandbox {
            print(
                "SANDBOX: an embedded stand-in, not Kong. admin \(sandbox.adminURLs[0]) "
                    + "proxy \(sandbox.proxyURL)")
        }
        print("listening on \(service.address)")
        StandardOutput.flush()
    }

    private func reload(at hangups: UnixSignalsSequence) async {
        for await _ in hangups {
            do {
                let settings = try sources.read()
                try await service.reload(settings)
                logger.notice("tokens and certificates read again")
            } catch {
                logger.error(
                    "nothing was changed by SIGHUP", metadata: ["error": "\(error)"])
            }
        }
    }
}
