/// How Kong is told to post what it logs of the traffic.
public struct TelemetrySettings: Hashable, Sendable {
    /// Where Kong reaches this service, without a slash at the end: `http://10.0.0.5:8080`.
    public var publicURL: String
    /// Records in a body at the most: 2...1,000,000.
    public var batchSize: Int
    /// How long a record waits for others at the most.
    public var batchDelay: Duration

    public init(
        publicURL: String, batchSize: Int = 200, batchDelay: Duration = .milliseconds(200)
    ) {
        var url = Substring(publicURL)
        while url.last == "/" { url = url.dropLast() }
        self.publicURL = String(url)
        // With batches of one Kong posts no arrays and waits for nothing.
        self.batchSize = min(max(batchSize, 2), 1_000_000)
        self.batchDelay = min(max(batchDelay, .zero), .seconds(3600))
    }
}
