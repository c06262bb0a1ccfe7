import Foundation

/// Where the configuration comes from; read at the start and again at SIGHUP.
struct SettingsSources: Sendable {
    let flags: SettingsLayer
    /// The path given by flag; nil: `KONG_ROLLOUTS_CONFIG`, or no file.
    let file: String?
    let usesSandbox: Bool

    func read() throws(SettingsError) -> Settings {
        let environment = ProcessInfo.processInfo.environment
        var layer = flags.over(try SettingsLayer(environment: environment))
        if let path = file ?? environment[SettingsLayer.prefix + "CONFIG"] {
            let bytes: Data
            do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
                throw SettingsError(
                    place: path, detail: "cannot be read: \(error.localizedDescription)")
            }
            layer = layer.over(try SettingsLayer(file: Array(bytes), named: path))
        }
        return try Settings(layer, usesSandbox: usesSandbox)
    }
}
