import JSONText
@testable import RolloutJSON
import Rollouts
import TestSupport
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0..<400)
    func `what is stored of a rollout reads back as it was`(number: Int) throws {
        var seed = Seed(UInt64(number))
        let rollout = seed.rollout()
        #expect(try StoredRollout.read(StoredRollout.bytes(of: rollout)) == rollout)
    }

    @Test(arguments: 0..<50)
    func `rollouts read one after the other are what each is alone`(number: Int) throws {
        var seed = Seed(UInt64(number))
        let known = [seed.rollout(), seed.rollout()].map(\.plan.analysis)
        var reader = StoredRollout.Reader()
        for turn in 0..<20 {
            var rollout = seed.rollout()
            if !turn.isMultiple(of: 5) { rollout.plan.analysis = known[turn / 3 % 2] }
            if seed.flag() { rollout.plan.labels = ["analysis": "{}", "plan": "analysis"] }
            #expect(try reader.read(StoredRollout.bytes(of: rollout)) == rollout)
        }
    }

    @Test(arguments: 0..<200)
    func `what is kept of the last writing never shows in the next`(number: Int) throws {
        var seed = Seed(UInt64(number))
        let rollouts = [seed.rollout(), seed.rollout()]
        let (view, moment) = (GatewayView(), seed.moment())
        var stored = StoredRollout.Parts()
        var shown = ResourceWriter.Parts()
        for turn in [0, 0, 1, 0, 1, 1] {
            var rollout = rollouts[turn]
            rollout.revision += turn
            if seed.flag() { rollout.footing = nil }
            let state = RolloutState(rollout: rollout, view: view, viewNumber: 1)
            #expect(
                StoredRollout.bytes(of: rollout, keeping: &stored)
                    == StoredRollout.bytes(of: rollout))
            #expect(
                ResourceWriter.bytes(of: state, at: moment, keeping: &shown)
                    == ResourceWriter.bytes(of: state, at: moment))
        }
    }

    @Test(arguments: 0..<200)
    func `what is stored of an event reads back as it was`(number: Int) throws {
        var seed = Seed(UInt64(number))
        let event = seed.event()
        #expect(try StoredEvent.read(StoredEvent.bytes(of: event), id: event.id) == event)
    }

    private func written(_ moment: Timestamp) -> String? {
        moment.letters.map { letters in
            String(decoding: letters.indices.map { letters[$0] }, as: UTF8.self)
        }
    }

    @Test func `moments read back to the millisecond, and every day is written right`() {
        var seed = Seed(1)
        for number in 0..<20_000 {
            let moment = Timestamp(
                milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &seed))
            #expect(Timestamp(moment.description) == moment)
            #expect(written(moment) == moment.description)
            let day = Timestamp(milliseconds: Int64(number) * 86_400_000)
            #expect(written(day) == day.description)
        }
    }

    @Test(arguments: [
        "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00", "", "2026-04-31T00:00:00.000Z",
        "2026-01-01 00:00:00.000Z", "202x-01-01T00:00:00.000Z",
    ])
    func `a moment in another form is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `a broken document names what is wrong and where`() throws {
        var seed = Seed(7)
        let value = try JSONValue(parsing: StoredRollout.bytes(of: seed.rollout()))
        func fault(_ patch: JSONValue) -> StoredFault? {
            do throws(StoredFault) {
                _ = try StoredRollout.read(value.merging(patch).encoded())
                return nil
            } catch { return error }
        }
        #expect(fault(["revision": "x"])?.pointer == "/revision")
        #expect(fault(["phase": ["name": "sleeping"]])?.pointer == "/phase/name")
        #expect(fault(["created_at": "yesterday"])?.pointer == "/created_at")
        #expect(fault(["plan": ["steps": []]])?.pointer == "/plan/steps")
        #expect(fault([:]) == nil)
        #expect(throws: StoredFault.self) { try StoredRollout.read(Array("{".utf8)) }
    }

    @Test(arguments: 0..<100)
    func `a resource is JSON and its plan can be posted again`(number: Int) throws {
        var seed = Seed(UInt64(number))
        let rollout = seed.rollout()
        let state = RolloutState(rollout: rollout, view: GatewayView(), viewNumber: 0)
        let value = try JSONValue(parsing: ResourceWriter.bytes(of: state, at: seed.moment()))
        #expect(value["revision"]?.int == rollout.revision)
        #expect(value["traffic"]?["observed"] == .null)
        let amendment = try AmendmentReader.read(
            value, current: value, defaults: PlanReaderTests.defaults)
        #expect(amendment.labels == rollout.plan.labels && amendment.analysis == nil)
        #expect(try rollout.amended(by: amendment) == rollout)
    }
}
