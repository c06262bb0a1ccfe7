internal import HTTPMessage
internal import HTTPTypes

/// What is kept of one request until its record is written; bodies are not.
final class LogEntry: Sendable {
    let head: RequestHead
    let requestBodyBytes: Int
    let id: String
    let chain: PluginTable.Chain
    let passage: Passage
    let ended: Moment
    let status: Int
    let responseHeaders: HTTPFields
    let responseBodyBytes: Int
    let score: Double?

    init(
        _ request: Request, id: String, chain: PluginTable.Chain, passage: Passage,
        response: Response
    ) {
        head = request.head
        requestBodyBytes = request.body.count
        self.id = id
        self.chain = chain
        self.passage = passage
        ended = .now()
        status = response.status.code
        responseHeaders = response.headers
        responseBodyBytes =
            switch response.body {
            case .bytes(let bytes): bytes.count
            case .empty, .stream: 0
            }
        score = chain.slimming?.score(in: response)
    }

    var uri: String { head.query.map { "\(head.path)?\($0)" } ?? head.path }
}
