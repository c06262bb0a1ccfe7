/// One call of the Admin API, before it is sent: what a planner may show and a log may name.
///
/// The typed calls of ``AdminClient`` send exactly what the factory of the same name makes here.
///
/// ```swift
/// let call = AdminCall.updateTarget("10.0.0.7:8080", in: "models", TargetDraft(weight: 20))
/// print(call.method.rawValue, call.path, call.bodyText ?? "")
/// // PATCH /upstreams/models/targets/10.0.0.7:8080 {"weight":20}
/// ```
public struct AdminCall: Sendable, Hashable {
    public enum Method: String, Sendable, Hashable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public let method: Method
    /// Below the endpoint's base path: begins with `/`, percent-encoded, with its query.
    public let path: String
    /// JSON; nil for a call without a body.
    public let body: [UInt8]?

    /// A call the typed ones do not cover.
    ///
    /// ```swift
    /// let call = AdminCall(.get, "/certificates?size=10")
    /// ```
    /// - Parameter path: begins with `/`, already percent-encoded (``segment(_:)``).
    public init(_ method: Method, _ path: String, body: [UInt8]? = nil) {
        self.method = method
        self.path = path
        self.body = body
    }

    /// The body as text, for people.
    public var bodyText: String? { body.map { String(decoding: $0, as: UTF8.self) } }

    /// `text` as one segment of a path or one value of a query.
    ///
    /// All but unreserved characters and `:` is percent-encoded.
    ///
    /// ```swift
    /// AdminCall.segment("[::1]:80")   // "%5B::1%5D:80"
    /// ```
    public static func segment(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                output += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return output
    }

    /// Whether the path means what was asked. An empty key would turn a call for one entity into one for
    /// the collection, and servers fold `.` and `..` away even when they are encoded.
    var isAddressable: Bool {
        guard path.hasPrefix("/") else { return false }
        if path == "/" { return true }
        let path = path.prefix { $0 != "?" }.dropFirst()
        return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }

    static func one(_ collection: String, _ key: String) -> String {
        "/\(collection)/\(segment(key))"
    }

    static func list(_ path: String, _ tags: TagFilter?, _ page: Page) -> AdminCall {
        var path = "\(path)?size=\(page.size)"
        if let tags { path += "&tags=\(tags.query)" }
        if let offset = page.offset { path += "&offset=\(segment(offset))" }
        return AdminCall(.get, path)
    }
}

extension AdminCall: CustomStringConvertible {
    /// Method and path. Bodies may hold secrets of plugins and stay out.
    public var description: String { "\(method.rawValue) \(path)" }
}
