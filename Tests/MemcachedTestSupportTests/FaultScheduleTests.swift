import Testing

@testable import MemcachedTestSupport

@Suite struct FaultScheduleTests {
    private let get = StreamUnit.frame(RawFrame(magic: 0x81, opcode: 0))
    private let set = StreamUnit.frame(RawFrame(magic: 0x81, opcode: 1))

    private func shapes(
        _ schedule: inout FaultSchedule,
        _ units: [StreamUnit],
        _ direction: FaultPlan.Direction = .responses
    ) -> [Fault.Kind?] {
        var generator = SeededGenerator(seed: 3)
        return units.map { unit in
            schedule.decide(unit, direction, hasHistory: false, using: &generator).shape?.kind
        }
    }

    @Test func `a rule skips, then hits, then has had enough`() {
        var schedule = FaultSchedule(FaultPlan([.init(.swallow, skipping: 1, limit: 2)]))
        #expect(shapes(&schedule, [get, get, get, get]) == [nil, .swallow, .swallow, nil])
    }

    @Test func `a rule for some opcodes leaves the others alone and does not count them`() {
        var schedule = FaultSchedule(FaultPlan([.init(.swallow, opcodes: [1], skipping: 1)]))
        #expect(shapes(&schedule, [get, set, get, set, .bytes([1])]) == [nil, nil, nil, .swallow, nil])
    }

    @Test func `a rule for requests leaves responses alone`() {
        var schedule = FaultSchedule(FaultPlan([.init(.close, to: .requests)]))
        #expect(shapes(&schedule, [get], .responses) == [nil])
        #expect(shapes(&schedule, [get], .requests) == [.close])
    }

    @Test func `of several rules that hit the first one is done and the others are not used up`() {
        var schedule = FaultSchedule(FaultPlan([.init(.swallow, limit: 1), .init(.duplicate, limit: 1)]))
        #expect(shapes(&schedule, [get, get, get]) == [.swallow, .duplicate, nil])
    }

    @Test func `a rule that cannot be done to a frame leaves it to the next rule`() {
        var schedule = FaultSchedule(FaultPlan([.init(.replay), .init(.duplicate)]))
        #expect(shapes(&schedule, [get]) == [.duplicate])
    }

    @Test func `what is injected comes before the plan and once`() {
        var schedule = FaultSchedule(FaultPlan([.init(.duplicate)]))
        schedule.inject(.init(.reset, limit: 1))
        #expect(shapes(&schedule, [get, get]) == [.reset, .duplicate])
    }

    @Test func `a new plan starts its counts anew and keeps what was injected`() {
        var schedule = FaultSchedule(FaultPlan([.init(.swallow, limit: 1)]))
        #expect(shapes(&schedule, [get, get]) == [.swallow, nil])
        schedule.inject(.init(.reset, skipping: 1, limit: 1))
        let plan = schedule.plan
        schedule.plan = plan
        #expect(shapes(&schedule, [get, get, get]) == [.swallow, .reset, nil])
    }

    @Test func `a rule hits about as often as its probability says`() {
        var schedule = FaultSchedule(FaultPlan([.init(.swallow, probability: 0.25)]))
        let hits = shapes(&schedule, Array(repeating: get, count: 4_000)).filter { $0 != nil }.count
        #expect((900...1_100).contains(hits))
    }

    @Test func `every fault is counted under a kind of its own`() {
        let faults: [Fault] = [
            .delay(.zero ... .zero), .stall(.zero), .coalesce(.zero), .slowSASL(.zero), .split(at: nil), .trickle,
            .swallow, .dropRest, .halfClose, .close, .reset, .truncate(to: nil), .duplicate, .reorder(within: .zero),
            .replay, .wrongOpaque, .wrongOpcode, .wrongMagic(0), .wrongKeyLength, .wrongExtrasLength,
            .wrongBodyLength, .announceHugeBody, .text(""), .status(1, ""), .refuseSASL,
        ]
        #expect(Set(faults.map(\.kind)) == Set(Fault.Kind.allCases))
        #expect(faults.count == Fault.Kind.allCases.count)
    }
}
