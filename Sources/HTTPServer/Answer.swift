internal import CMicroHTTPD
internal import HTTPMessage
internal import HTTPTypes
internal import Synchronization

/// Our answers in the library's form.
enum Answer {
    /// The library's form of an answer whose bytes are known; `nil` if memory is short.
    static func handle(
        for response: Response, bytes: [UInt8], closing: Bool
    ) -> ResponseHandle? {
        make(response.status, response.headers, bytes, closing: closing)
    }

    /// The library's form of a prepared answer, made once and kept with it.
    static func handle(for prepared: PreparedResponse) -> ResponseHandle? {
        prepared.serverForm.withLock { form in
            // Only this function writes it, and a checked cast costs a look-up for each request.
            if let form { return unsafeDowncast(form, to: ResponseHandle.self) }
            let made = make(
                prepared.status, prepared.headers, prepared.bytes, closing: false)
            form = made
            return made
        }
    }

    /// The library's form of a stream that `reader` feeds.
    static func handle(
        for response: Response, reader: StreamReader, closing: Bool
    ) -> ResponseHandle? {
        let context = Unmanaged.passRetained(reader)
        guard
            let pointer = shim_streamed_response(
                readStream, context.toOpaque(), releaseStream)
        else {
            context.release()
            return nil
        }
        let handle = ResponseHandle(owning: pointer, status: code(of: response.status))
        add(response.headers, to: pointer, closing: closing)
        return handle
    }

    private static func make(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ bytes: [UInt8], closing: Bool
    ) -> ResponseHandle? {
        let made = bytes.withUnsafeBytes { shim_copied_response($0.baseAddress, $0.count) }
        guard let pointer = made else { return nil }
        add(headers, to: pointer, closing: closing)
        return ResponseHandle(owning: pointer, status: code(of: status))
    }

    private static func code(of status: HTTPResponse.Status) -> UInt32 { UInt32(status.code) }

    /// The length and the coding are the library's to say.
    private static func add(_ headers: HTTPFields, to pointer: OpaquePointer, closing: Bool) {
        for field in headers
        where field.name != .contentLength && field.name != .transferEncoding {
            // Not as arguments: each would be copied into an array first.
            field.name.rawName.withCString { name in
                field.value.withCString { value in
                    _ = MHD_add_response_header(pointer, name, value)
                }
            }
        }
        if closing { MHD_add_response_header(pointer, "Connection", "close") }
    }

    /// The whole answer as it goes over the wire, for where the library cannot be asked to send.
    static func wireForm(of response: Response) -> [UInt8] {
        var text = "HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\n"
        let body: [UInt8] =
            switch response.body {
            case .bytes(let bytes): bytes
            case .empty, .stream: []
            }
        for field in response.headers where field.name != .contentLength {
            text += "\(field.name.rawName): \(field.value)\r\n"
        }
        text += "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        return Array(text.utf8) + body
    }
}
