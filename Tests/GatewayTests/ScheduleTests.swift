import Rollouts
import Testing

@testable import Gateway

@Suite struct ScheduleTests {
    private let names = (0..<40).map { World.name("r\($0)") }

    @Test func `aborts overtake everything that waits`() {
        var schedule = Schedule()
        for name in names.prefix(5) { schedule.wake(name, isUrgent: false) }
        schedule.wake(names[4], isUrgent: true)
        #expect(schedule.start(at: .zero) == names[4])
        #expect(schedule.start(at: .zero) == names[0])
    }

    @Test func `no more than sixteen run at once, and each once`() {
        var schedule = Schedule()
        for name in names { schedule.wake(name, isUrgent: false) }
        for name in names { schedule.wake(name, isUrgent: false) }
        var started: [RolloutName] = []
        while let name = schedule.start(at: .zero) { started.append(name) }
        #expect(started == Array(names.prefix(16)))
        #expect(schedule.pause(at: .zero) == nil)
    }

    @Test func `a wake during a pass makes one more pass`() {
        var schedule = Schedule()
        schedule.wake(names[0], isUrgent: false)
        #expect(schedule.start(at: .zero) == names[0])
        schedule.wake(names[0], isUrgent: true)
        schedule.wake(names[0], isUrgent: false)
        #expect(schedule.start(at: .zero) == nil)
        schedule.finish(names[0], after: .seconds(15), isIdle: true, at: .zero)
        #expect(schedule.start(at: .zero) == names[0])
        schedule.finish(names[0], after: .seconds(15), isIdle: true, at: .zero)
        #expect(schedule.start(at: .zero) == nil)
        #expect(schedule.pause(at: .seconds(1)) == .seconds(14))
        #expect(schedule.start(at: .seconds(15)) == names[0])
    }

    @Test func `looks that nobody asked for are spread out`() {
        var schedule = Schedule()
        for (index, name) in names.prefix(3).enumerated() {
            schedule.wake(name, isUrgent: false)
            #expect(schedule.start(at: .zero) == name)
            schedule.finish(name, after: .milliseconds(100 + index), isIdle: true, at: .zero)
        }
        #expect(schedule.start(at: .seconds(2)) == names[0])
        #expect(schedule.start(at: .seconds(2)) == nil)
        #expect(schedule.pause(at: .seconds(2)) == .milliseconds(20))
        #expect(schedule.start(at: .seconds(2) + .milliseconds(20)) == names[1])
    }

    @Test func `what is forgotten never starts`() {
        var schedule = Schedule()
        schedule.wake(names[0], isUrgent: false)
        schedule.forget(names[0])
        #expect(schedule.start(at: .zero) == nil)
        schedule.wake(names[1], isUrgent: false)
        #expect(schedule.start(at: .zero) == names[1])
        schedule.finish(names[1], after: nil, isIdle: false, at: .zero)
        #expect(schedule.count == 0)
    }

    @Test func `back-off stays under its ceiling and grows`() {
        #expect(backoff(failures: 1, limit: .seconds(30), jitter: 0.5) == .milliseconds(50))
        #expect(backoff(failures: 4, limit: .seconds(30), jitter: 0.5) == .milliseconds(400))
        #expect(backoff(failures: 40, limit: .seconds(30), jitter: 0.5) == .seconds(15))
        #expect(backoff(failures: 40, limit: .seconds(2), jitter: 0.999) < .seconds(2))
    }
}
