public import Foundation

/// Inputs that are kept as files: those that once broke a law, and those that are hard to find.
public enum Corpus {
    /// Empty where there is no such folder.
    public static func read(_ folder: URL) -> [[UInt8]] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path()) } catch {
            return []
        }
        return names.sorted().compactMap { name in
            FileManager.default.contents(atPath: folder.appending(path: name).path())
                .map { Array($0) }
        }
    }
}
