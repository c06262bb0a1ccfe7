import Rollouts
import Testing

@testable import TrafficIntake

/// The way of a body straight to its rollout.
@Suite struct InletTests {
    private func inlet(_ intake: TrafficIntake, _ name: String, _ secret: String) -> RolloutTraffic? {
        let name = Array(name.utf8)
        let secret = Array(secret.utf8)
        return intake.inlet(name: name.span, secret: secret.span)
    }

    @Test func `what an inlet receives is counted as what the intake receives`() throws {
        let scene = Scene()
        let inlet = try #require(self.inlet(scene.intake, "fraud-7", Scene.secret))
        let body = Array(NoticeTests.fine.utf8)
        let reception = body.withUnsafeBytes { inlet.receive($0, at: Scene.start) }
        #expect(reception == .counted(2))
        scene.receive(NoticeTests.fine)
        #expect(scene.counts.records == 4 && scene.counts.batches == 2)
        #expect(scene.intake.counts == scene.counts)
    }

    @Test func `another name or secret has none`() {
        let scene = Scene()
        for (name, secret) in [
            ("fraud-7", "0123456789abcdef0123456789abcdee"), ("fraud-7", ""),
            ("fraud-7", "0123456789abcdef0123456789abcdef0"),
            ("fraud-7", "0123456789abcdef0123456789abcdef/"),
            ("fraud-8", Scene.secret), ("fraud-", Scene.secret), ("", Scene.secret), ("", ""),
            ("FRAUD-7", Scene.secret), ("fraud-77", Scene.secret),
        ] {
            #expect(inlet(scene.intake, name, secret) == nil)
        }
    }

    @Test func `an empty secret opens nothing`() {
        var traffic = Scene.traffic()
        traffic.secret = ""
        #expect(inlet(Scene(traffic).intake, "fraud-7", "") == nil)
    }

    @Test func `nothing stays of an intake that is let go while notices are due`() throws {
        weak var left: RolloutTraffic?
        do {
            let scene = Scene()
            scene.receive(NoticeTests.fine)
            left = inlet(scene.intake, "fraud-7", Scene.secret)
            #expect(left != nil)
        }
        #expect(left == nil)
    }

    @Test func `an ended rollout has none, and one that ends counts nothing more`() throws {
        let scene = Scene()
        let early = try #require(inlet(scene.intake, "fraud-7", Scene.secret))
        var traffic = Scene.traffic()
        traffic.isEnded = true
        scene.intake.watch(traffic, saved: nil)
        #expect(inlet(scene.intake, "fraud-7", Scene.secret) == nil)
        let body = Array(NoticeTests.fine.utf8)
        #expect(body.withUnsafeBytes { early.receive($0, at: Scene.start) } == .ended)
        #expect(scene.counts.records == 0)
    }

    @Test func `it follows a rollout that is forgotten, and one of the same name`() {
        let scene = Scene()
        scene.intake.forget(Scene.name)
        #expect(inlet(scene.intake, "fraud-7", Scene.secret) == nil)
        let other = String(repeating: "f", count: 32)
        scene.intake.watch(Scene.traffic(), saved: nil)
        var traffic = Scene.traffic()
        traffic.secret = other
        scene.intake.watch(traffic, saved: nil)
        #expect(inlet(scene.intake, "fraud-7", Scene.secret) == nil)
        #expect(inlet(scene.intake, "fraud-7", other) != nil)
    }

    @Test func `many rollouts are kept apart`() {
        let intake = TrafficIntake { _ in }
        func secret(_ index: Int) -> String {
            let digits = String(index, radix: 16)
            return String(repeating: "0", count: 32 - digits.count) + digits
        }
        for index in 0..<100 {
            var traffic = Scene.traffic()
            traffic.name = RolloutName("r-\(index)")!
            traffic.secret = secret(index)
            intake.watch(traffic, saved: nil)
        }
        for index in 0..<100 {
            #expect(inlet(intake, "r-\(index)", secret(index))?.name.description == "r-\(index)")
            #expect(inlet(intake, "r-\(index)", secret(index + 1)) == nil)
        }
    }
}
