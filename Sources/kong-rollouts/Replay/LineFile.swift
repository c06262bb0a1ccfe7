import CZlib

/// The lines of a file, plain or compressed by gzip, one after the other.
final class LineFile {
    /// The longest line that is read: 64 MiB, as much as eight of the largest bodies.
    private static let lineLimit = 64 << 20
    private static let portion = 1 << 16

    private let path: String
    private let file: gzFile
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The number of the line that ``next()`` gave last, from 1.
    private(set) var number = 0

    init(_ path: String) throws(LineFileError) {
        // zlib reads what is not compressed as it is.
        guard let file = gzopen(path, "rb") else {
            throw LineFileError(path: path, line: nil, detail: "cannot be opened")
        }
        self.path = path
        self.file = file
    }

    deinit { gzclose(file) }

    /// The next line without its end; nil after the last one.
    func next() throws(LineFileError) -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                number += 1
                return Array(buffer[start..<end])
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                number += 1
                return Array(buffer[start...])
            }
            try readMore()
        }
    }

    private func readMore() throws(LineFileError) {
        buffer.removeSubrange(..<start)
        start = 0
        guard buffer.count < Self.lineLimit else {
            throw LineFileError(path: path, line: number + 1, detail: "is longer than 64 MiB")
        }
        // As much as is there already, so that a long line is searched a few times only.
        let count = max(Self.portion, min(buffer.count, 8 << 20))
        let present = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: count))
        let read = buffer.withUnsafeMutableBytes { bytes in
            gzread(file, bytes.baseAddress?.advanced(by: present), UInt32(count))
        }
        buffer.removeLast(count - Int(max(0, read)))
        if read < 0 {
            throw LineFileError(path: path, line: number + 1, detail: "cannot be decompressed")
        }
        if read == 0 { isAtEnd = true }
    }
}

/// A file, or a line of it, that cannot be used.
struct LineFileError: Error, CustomStringConvertible {
    let path: String
    let line: Int?
    let detail: String

    var description: String {
        line.map { "\(path): line \($0) \(detail)" } ?? "\(path) \(detail)"
    }
}
