internal import HTTPMessage

/// A body of known length on its way to its receiver.
struct AwaitedBody: Sendable {
    enum Progress {
        case incomplete
        /// The last piece came; `earlier` holds the whole body, or nothing where that piece is all
        /// of it.
        case whole(any BodyReceiver, earlier: [UInt8])
        /// The connection was cut, or more came than was declared.
        case cut
    }

    private let receiver: any BodyReceiver
    private let length: Int
    private var bytes: [UInt8] = []

    /// - Parameter length: above 0.
    init(receiver: any BodyReceiver, length: Int) {
        self.receiver = receiver
        self.length = length
    }

    /// A body that comes in one piece is not copied.
    mutating func take(_ piece: UnsafeRawBufferPointer) -> Progress {
        let missing = length - bytes.count
        guard !piece.isEmpty, piece.count <= missing else { return .cut }
        if piece.count == length { return .whole(receiver, earlier: []) }
        if bytes.isEmpty { bytes.reserveCapacity(length) }
        bytes.append(contentsOf: piece)
        return piece.count < missing ? .incomplete : .whole(receiver, earlier: bytes)
    }
}
