internal import HTTPMessage
internal import HTTPTypes

/// Greatest sizes that the sandbox takes.
enum ProxyLimits {
    /// Bodies of requests and answers.
    static let bodyBytes = 8 << 20
}

/// What the sandbox's servers say when no handler can.
enum ServerFaults {
    static func answer(_ fault: ServerFault) -> Response {
        let (status, message): (HTTPResponse.Status, String) =
            switch fault {
            case .malformed(let reason): (.badRequest, reason)
            case .bodyTooLarge: (.contentTooLarge, "Payload too large")
            case .targetTooLong: (.uriTooLong, "Request-URI too long")
            case .headersTooLarge:
                (.requestHeaderFieldsTooLarge, "Request header or cookie too large")
            case .unsupportedTransferCoding: (.notImplemented, "Unsupported transfer coding")
            case .deadlineExceeded: (.serviceUnavailable, "The sandbox did not answer in time")
            case .requestTooSlow: (.requestTimeout, "The request took too long to arrive")
            case .unavailable: (.serviceUnavailable, "The sandbox is stopping")
            }
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .bytes(LuaValue.table(["message": .string(message)]).json))
    }
}
