internal import JSONText
internal import Rollouts

/// The first line of every file: `{"format":1,"by":"0.1.0","after":41,"lines":0,"c":"…"}`.
struct FormatLine: Equatable {
    static let known = 1

    /// Which version of the program wrote the file; for people.
    let writer: String
    /// A journal's first entry is the next sequence; a snapshot holds everything up to this one.
    let after: Int
    /// Lines that follow in a snapshot; 0 in a journal, which grows.
    let lines: Int

    /// With its end of line. `c` is the checksum of all bytes before its comma.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("format")
        writer.value(Self.known)
        writer.key("by")
        writer.value(self.writer)
        writer.key("after")
        writer.value(after)
        writer.key("lines")
        writer.value(lines)
        var line = writer.bytes
        let sum = line.withUnsafeBytes { CRC32C.checksum(of: $0) }
        line.append(",\"c\":\"00000000\"}\n")
        line.write(hexadecimal: sum, at: line.count - 11)
        return line
    }

    init(writer: String, after: Int, lines: Int = 0) {
        self.writer = writer
        self.after = after
        self.lines = lines
    }

    /// - Parameters:
    ///   - text: Without its end of line.
    ///   - file: For the error.
    init(_ text: UnsafeBufferPointer<UInt8>, file: String) throws(LedgerError) {
        let unreadable = LedgerError.unreadable(
            "\(file) line 1 is damaged: it does not name its format. Put back a backup of the "
                + "directory.")
        let value: JSONValue
        do { value = try JSONValue(parsing: Array(text)) } catch { throw unreadable }
        guard let format = value["format"]?.int, format >= 1 else { throw unreadable }
        let writer = value["by"]?.string ?? "an unnamed version"
        guard format <= Self.known else {
            throw .unreadable(
                "\(file) has format \(format), written by version \(writer); this program reads up "
                    + "to format \(Self.known). Start that version or a later one.")
        }
        let summed = text.count - 16
        guard let after = value["after"]?.int, let lines = value["lines"]?.int, summed > 0,
            UInt32(hexadecimal: text, at: text.count - 10)
                == CRC32C.checksum(
                    of: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[..<summed])))
        else { throw unreadable }
        self.init(writer: writer, after: after, lines: lines)
    }
}
