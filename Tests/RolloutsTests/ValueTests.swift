import Rollouts
import Testing

@Suite struct ValueTests {
    @Test(arguments: [
        ("10m", 600), ("1h30m", 5400), ("45s", 45), ("720h", 2_592_000), ("0s", 0), ("90s", 90),
        ("1h1s", 3601),
    ])
    func `durations are read`(row: (text: String, seconds: Int)) {
        #expect(TimeSpan(row.text)?.seconds == row.seconds)
    }

    @Test(arguments: ["", "-5m", "5", "m", "5m1h", "5m5m", "1.5h", "721h", "5 m", "5M", "9999999999s"])
    func `texts that are no duration are refused`(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(arguments: [("90s", "1m30s"), ("3600s", "1h"), ("0s", "0s"), ("61m", "1h1m")])
    func `durations are written in the shortest form`(row: (given: String, written: String)) {
        #expect(TimeSpan(row.given)?.description == row.written)
    }

    @Test(arguments: [(0, "0"), (2000, "20"), (50, "0.5"), (1234, "12.34"), (1, "0.01"), (10_000, "100")])
    func `shares are written in percent`(row: (points: Int, written: String)) {
        #expect(TrafficShare(basisPoints: row.points)?.description == row.written)
    }

    @Test func `a share outside 0 to 100 percent cannot be built`() {
        #expect(TrafficShare(basisPoints: -1) == nil)
        #expect(TrafficShare(basisPoints: 10_001) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_763_888_700_123, "2025-11-23T09:05:00.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
    ])
    func `moments are written in UTC`(row: (milliseconds: Int64, written: String)) {
        #expect(Timestamp(milliseconds: row.milliseconds).description == row.written)
    }

    @Test(arguments: ["a", "fraud-v7", "0", String(repeating: "a", count: 63)])
    func `names are read`(text: String) { #expect(RolloutName(text)?.description == text) }

    @Test(arguments: ["", "-a", "a-", "A", "a/b", "a b", "ä", String(repeating: "a", count: 64), "a.b"])
    func `texts that are no name are refused`(text: String) { #expect(RolloutName(text) == nil) }

    @Test(arguments: [
        ("stable-version.example.com:80", "stable-version.example.com:80"),
        ("Model.Example.COM:9000", "model.example.com:9000"),
        ("127.0.0.1:9101", "127.0.0.1:9101"), ("010.0.0.1:80", "10.0.0.1:80"),
        ("[::1]:9103", "[0000:0000:0000:0000:0000:0000:0000:0001]:9103"),
        ("[2001:db8::a:1]:80", "[2001:0db8:0000:0000:0000:0000:000a:0001]:80"),
        ("my_host:8000", "my_host:8000"), ("1.2.3.x:80", "1.2.3.x:80"),
        ("00000000000000127.000.0.1:1", "127.0.0.1:1"),
        ("0.0.0.0:65535", "0.0.0.0:65535"), ("1-2.A9:80", "1-2.a9:80"),
    ])
    func `addresses are read into the form in which Kong stores them`(
        row: (given: String, kept: String)
    ) {
        #expect(TargetAddress(row.given)?.description == row.kept)
    }

    @Test(arguments: [
        "", "host", "host:", "host:0", "host:65536", "host:080", ":80", "a b:80", "http://h:80",
        "::1:80", "[::1]", "[1::2::3]:80", "[12345::]:80", "256.1.1.1:80", "1.2.3:80", "-h:80",
        "h..i:80", ".h:80", "h.:80", "h-:80", "é:80", "1.2.3.4.5:80", "1:80", "1.2.3.256:80",
        "99999999999999999999.1.1.1:80", "h:+1", "h:99999", "[::1%eth0]:80", "h:８０",
    ])
    func `texts that are no address are refused`(text: String) {
        #expect(TargetAddress(text) == nil)
    }

    @Test func `steps rise strictly and are 1 to 50`() {
        func steps(_ points: [Int]) -> Steps? {
            Steps(points.map { Step(share: TrafficShare(basisPoints: $0)!) })
        }
        #expect(steps([]) == nil)
        #expect(steps([0, 100]) == nil)
        #expect(steps([500, 500]) == nil)
        #expect(steps([500, 400]) == nil)
        #expect(steps(Array(1...51)) == nil)
        #expect(steps(Array(1...50))?.count == 50)
    }
}
