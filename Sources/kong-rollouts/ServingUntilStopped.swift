import Logging
import Rollouts
import ServiceLifecycle
import UnixSignals

/// Runs until told to stop, and reads tokens and certificates again at SIGHUP.
struct ServingUntilStopped: Service {
    let service: RunningService
    let sources: SettingsSources
    let grace: TimeSpan
    let logger: Logger

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await reloadAtHangup() }
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

    private func reloadAtHangup() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
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
