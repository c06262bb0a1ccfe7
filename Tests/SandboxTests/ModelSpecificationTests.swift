import Sandbox
import Testing

@Suite struct ModelSpecificationTests {
    @Test func `name, host, port, error rate and latency are read`() throws {
        let model = try ModelSpecification(
            parsing: "stable=stable-version.example.com:80,error=0.02,latency=20ms")
        #expect(
            model
                == ModelSpecification(
                    name: "stable", host: "stable-version.example.com", port: 80, errorRate: 0.02,
                    latency: .milliseconds(20)))
        #expect(try ModelSpecification(parsing: "m=127.0.0.1:0").port == 0)
        #expect(try ModelSpecification(parsing: "m=h:1,latency=1.5s").behaviour.latency == .milliseconds(1500))
        let drifted = try ModelSpecification(parsing: "m=h:1,spread=0.3,score=0.46,seed=7")
        #expect(drifted.behaviour.latencySpread == 0.3)
        #expect(drifted.behaviour.scoreMedian == 0.46)
        #expect(drifted.seed == 7)
    }

    @Test(
        arguments: [
            ("", "no NAME="), ("stable", "no NAME="), ("=h:1", "no NAME="), ("m=h", "no port"),
            ("m=h:70000", "no port"), ("m=a b:80", "no host"), ("m=h:1,error=2", "0...1"),
            ("m=h:1,error=x", "0...1"), ("m=h:1,latency=20", "20ms"),
            ("m=h:1,latency=61s", "20ms"), ("m=h:1,spread=3", "0...2"),
            ("m=h:1,score=0", "0.001...0.999"), ("m=h:1,seed=-1", "whole number"),
            ("m=h:1,colour=red", "unknown option"),
            ("m=h:1,", "unknown option"),
        ])
    func `what has no meaning is refused by name`(_ text: String, _ reason: String) {
        let error = #expect(throws: ModelSpecification.SyntaxError.self) {
            try ModelSpecification(parsing: text)
        }
        #expect(error?.description.contains(reason) == true)
    }
}
