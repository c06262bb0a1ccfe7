internal import JSONText
internal import Rollouts

/// One line of a journal or snapshot:
/// `{"c":"<CRC-32C>","s":7,"b":0,"t":<ms>,"k":"rollouts/x","r":3,"d":{…}|null,"e":{…},"a":{…}}`.
///
/// `c` is the checksum of all bytes after its own closing quote, in eight hexadecimal digits.
/// `b` counts the lines before this one in the same write: all before those had been synced, so
/// that a reader can tell a damaged line from one that never was acknowledged.
struct JournalLine {
    struct Change {
        let key: String
        let revision: Int
        let document: [UInt8]?
    }

    let sequence: Int
    /// Lines before this in the same write and sync.
    let batchIndex: Int
    /// Milliseconds since 1970.
    let time: Int64
    /// Empty where only an answer is kept.
    let key: String
    /// Nil in a line of an event or an answer alone.
    let change: Change?
    let event: [UInt8]?
    let answer: KeptAnswer?
}

extension JournalLine {
    /// Appends the line with its end of line.
    func write(to buffer: inout [UInt8]) {
        let start = buffer.count
        buffer.append(contentsOf: Self.opening)
        let summed = buffer.count
        buffer.append(",\"s\":", sequence)
        buffer.append(",\"b\":", batchIndex)
        buffer.append(",\"t\":", Int(time))
        if !key.isEmpty {
            buffer.append(",\"k\":\"")
            buffer.append(contentsOf: key.utf8)
            buffer.append(UInt8(ascii: "\""))
        }
        if let change {
            buffer.append(",\"r\":", change.revision)
            buffer.append(",\"d\":")
            if let document = change.document {
                buffer.append(contentsOf: document)
            } else {
                buffer.append("null")
            }
        }
        if let event {
            buffer.append(",\"e\":")
            buffer.append(contentsOf: event)
        }
        if let answer {
            buffer.append(",\"a\":")
            buffer.append(contentsOf: answer.encoded)
        }
        buffer.append(UInt8(ascii: "}"))
        let sum = buffer.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[summed...]))
        }
        buffer.write(hexadecimal: sum, at: start + Self.sumOffset)
        buffer.append(UInt8(ascii: "\n"))
    }

    /// An upper bound of the bytes that these parts become.
    static func bound(key: String, document: [UInt8]?, event: [UInt8]?, answer: KeptAnswer?) -> Int
    {
        // Names, numbers of at most 20 digits, quotes; an answer's key may double by escapes of
        // six bytes a character.
        var bound = 160 + key.utf8.count + (document?.count ?? 4) + (event?.count ?? 0)
        if let answer { bound += answer.json.count + answer.key.utf8.count * 6 + 64 }
        return bound
    }

    private static let opening = Array("{\"c\":\"00000000\"".utf8)
    private static let sumOffset = 6

    /// Nil when the text is not a line that ``write(to:)`` could have written, checksum included.
    ///
    /// - Parameter text: Without its end of line.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        var reader = LineReader(text: text, place: 0)
        guard reader.pass("{\"c\":\""), text.count > Self.opening.count,
            let sum = UInt32(hexadecimal: text, at: Self.sumOffset),
            CRC32C.checksum(
                of: UnsafeRawBufferPointer(
                    UnsafeBufferPointer(rebasing: text[Self.opening.count...]))) == sum
        else { return nil }
        reader = LineReader(text: text, place: Self.opening.count - 1)
        guard reader.pass("\",\"s\":"), let sequence = reader.integer(),
            reader.pass(",\"b\":"), let batchIndex = reader.integer(),
            reader.pass(",\"t\":"), let time = reader.integer()
        else { return nil }
        self.sequence = sequence
        self.batchIndex = batchIndex
        self.time = Int64(time)
        if reader.pass(",\"k\":\"") {
            guard let key = reader.key() else { return nil }
            self.key = key
        } else {
            key = ""
        }
        if reader.pass(",\"r\":") {
            guard !key.isEmpty, let revision = reader.integer(), reader.pass(",\"d\":") else {
                return nil
            }
            let document = reader.object()
            guard document != nil || reader.pass("null") else { return nil }
            change = Change(key: key, revision: revision, document: document)
        } else {
            change = nil
        }
        if reader.pass(",\"e\":") {
            guard !key.isEmpty, let event = reader.object() else { return nil }
            self.event = event
        } else {
            event = nil
        }
        if reader.pass(",\"a\":") {
            guard let json = reader.object(), let answer = KeptAnswer(encoded: json) else {
                return nil
            }
            self.answer = answer
        } else {
            answer = nil
        }
        guard reader.pass("}"), reader.place == text.count else { return nil }
    }
}

extension KeptAnswer {
    fileprivate var encoded: [UInt8] {
        var writer = JSONWriter(capacity: json.count + key.utf8.count + 48)
        writer.beginObject()
        writer.key("x")
        writer.value(Int(expires.milliseconds))
        writer.key("v")
        writer.raw(json)
        writer.key("k")
        writer.value(key)
        writer.endObject()
        return writer.bytes
    }

    fileprivate init?(encoded: [UInt8]) {
        var reading: (expires: Int, json: [UInt8], key: [UInt8])?
        encoded.withUnsafeBufferPointer { text in
            var reader = LineReader(text: text, place: 0)
            guard reader.pass("{\"x\":"), let expires = reader.integer(),
                reader.pass(",\"v\":"), let json = reader.object(), reader.pass(",\"k\":")
            else { return }
            reading = (expires, json, Array(text[reader.place..<(text.count - 1)]))
        }
        guard let reading else { return nil }
        let name: JSONValue
        do { name = try JSONValue(parsing: reading.key) } catch { return nil }
        guard let key = name.string else { return nil }
        self.init(
            key: key, json: reading.json,
            expires: Timestamp(milliseconds: Int64(reading.expires)))
    }
}
