import Foundation

/// The files of this checkout.
enum ProjectFiles {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Swift files below `folder`, with their paths from the root.
    static func swift(below folder: String) throws -> [(path: String, lines: [Substring])] {
        let base = root.appending(path: folder)
        guard
            let files = FileManager.default.enumerator(
                at: base, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
        else { return [] }
        var found: [(path: String, lines: [Substring])] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let path = String(file.path().dropFirst(root.path().count))
            found.append((path, text.split(separator: "\n", omittingEmptySubsequences: false)))
        }
        return found
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
