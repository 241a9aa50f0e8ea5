import NIOCore
import Testing

@testable import MemcachedTestSupport

@Suite struct FaultLaneTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let frames = (0..<6)
        .map { index in
            RawFrame(
                magic: 0x81,
                opcode: 0x0c,
                opaque: UInt32(index),
                key: Array("key\(index)".utf8),
                value: [UInt8(index)]
            )
        }

    private func lane(seed: UInt64 = 1) -> FaultLane {
        FaultLane(.responses, isRaw: false, generator: SeededGenerator(seed: seed))
    }

    /// What comes out when all frames go in at once under a plan.
    private func run(_ rules: [FaultPlan.Rule], after time: TimeAmount = .seconds(10)) -> [DeliveryQueue.Action] {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan(rules))
        for frame in frames { lane.receive(frame.bytes, now: start, &schedule) }
        return lane.takeDue(now: start + time)
    }

    private func joined(_ indices: Int...) -> [UInt8] {
        indices.flatMap { frames[$0].bytes }
    }

    @Test func `without faults the bytes come out as they went in, in one write`() {
        #expect(run([]) == [.write(joined(0, 1, 2, 3, 4, 5))])
    }

    @Test func `frames are found whatever pieces they come in`() {
        let stream = frames.flatMap(\.bytes)
        for size in 1...stream.count {
            var lane = lane()
            var schedule = FaultSchedule(.none)
            var at = 0
            while at < stream.count {
                lane.receive(stream[at..<min(at + size, stream.count)], now: start, &schedule)
                at += size
            }
            #expect(lane.tally.frames == frames.count)
            #expect(lane.takeDue(now: start) == [.write(stream)])
            #expect(lane.heldBytes == 0)
        }
    }

    @Test func `a delayed frame holds those behind it back and order stays`() throws {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.delay(.milliseconds(5)...(.milliseconds(5))), limit: 1)]))
        for frame in frames { lane.receive(frame.bytes, now: start, &schedule) }
        #expect(lane.takeDue(now: start + .milliseconds(4)).isEmpty)
        #expect(lane.nextDue == start + .milliseconds(5))
        #expect(lane.takeDue(now: start + .milliseconds(5)) == [.write(joined(0, 1, 2, 3, 4, 5))])
        #expect(lane.tally.faults == [.delay: 1])
    }

    @Test func `each frame is delayed by a time of its own inside the range`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.delay(.zero ... .milliseconds(20)))]))
        for frame in frames { lane.receive(frame.bytes, now: start, &schedule) }
        var dues: Set<Int64> = []
        var bytes: [UInt8] = []
        while let due = lane.nextDue {
            #expect((.zero ... .milliseconds(20)).contains(due - start))
            dues.insert((due - start).nanoseconds)
            for case .write(let some) in lane.takeDue(now: due) { bytes += some }
        }
        #expect(dues.count > 1)
        #expect(bytes == joined(0, 1, 2, 3, 4, 5))
        #expect(lane.tally.faults == [.delay: 6])
    }

    @Test func `faults of time add up and coalesced frames come in one write`() {
        let rules: [FaultPlan.Rule] = [
            .init(.coalesce(.milliseconds(3)), limit: 1), .init(.stall(.seconds(1)), limit: 1),
        ]
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan(rules))
        for frame in frames { lane.receive(frame.bytes, now: start, &schedule) }
        #expect(lane.nextDue == start + .milliseconds(1_003))
        #expect(lane.takeDue(now: start + .seconds(2)) == [.write(joined(0, 1, 2, 3, 4, 5))])
    }

    @Test func `a frame is split at every offset`() {
        let bytes = frames[0].bytes
        for offset in 1..<bytes.count {
            var lane = lane()
            var schedule = FaultSchedule(FaultPlan([.init(.split(at: offset))]))
            lane.receive(bytes, now: start, &schedule)
            #expect(lane.takeDue(now: start) == [.write(Array(bytes.prefix(offset)))])
            #expect(lane.takeDue(now: start + .milliseconds(1)) == [.write(Array(bytes.dropFirst(offset)))])
        }
    }

    @Test(arguments: [-1, 0, 1_000])
    func `a split outside the frame hands it over whole`(offset: Int) {
        #expect(run([.init(.split(at: offset), limit: 1)]) == [.write(joined(0, 1, 2, 3, 4, 5))])
    }

    @Test func `a frame trickles in single bytes`() {
        let actions = run([.init(.trickle, limit: 1)])
        let expected = frames[0].bytes.map { DeliveryQueue.Action.write([$0]) }
        // What follows joins the last byte, because no seam was asked for there.
        #expect(actions.dropLast() == expected.dropLast())
        #expect(actions.count == expected.count)
    }

    @Test func `a swallowed frame is missing and the others come`() {
        #expect(run([.init(.swallow, skipping: 2, limit: 1)]) == [.write(joined(0, 1, 3, 4, 5))])
    }

    @Test func `what follows a drop of the rest is counted and lost`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.dropRest, skipping: 2)]))
        for frame in frames { lane.receive(frame.bytes, now: start, &schedule) }
        #expect(lane.takeDue(now: start) == [.write(joined(0, 1))])
        #expect(lane.tally == FaultLane.Tally(frames: 6, faults: [.dropRest: 1], answers: [12: [0: 6]]))
        lane.receiveEnd(now: start)
        #expect(lane.takeDue(now: start) == [.finish])
    }

    @Test(arguments: [
        (Fault.halfClose, DeliveryQueue.Action.finish), (.close, .close), (.reset, .reset),
    ])
    func `a stream that is ended stays ended`(fault: Fault, action: DeliveryQueue.Action) {
        #expect(run([.init(fault, skipping: 1)]) == [.write(joined(0)), action])
    }

    @Test func `a truncated frame is followed by a close`() {
        #expect(run([.init(.truncate(to: 5))]) == [.write(Array(frames[0].bytes.prefix(5))), .close])
        #expect(run([.init(.truncate(to: 0))]) == [.close])
        guard case .write(let kept) = run([.init(.truncate(to: nil))]).first else {
            Issue.record("nothing was written")
            return
        }
        #expect((1..<frames[0].bytes.count).contains(kept.count))
        #expect(frames[0].bytes.starts(with: kept))
    }

    @Test func `a duplicated frame comes twice`() {
        #expect(run([.init(.duplicate, skipping: 1, limit: 1)]) == [.write(joined(0, 1, 1, 2, 3, 4, 5))])
    }

    @Test func `two frames change places at once, not after the patience`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.reorder(within: .seconds(1)), limit: 1)]))
        lane.receive(frames[0].bytes, now: start, &schedule)
        #expect(lane.takeDue(now: start).isEmpty)
        #expect(lane.tally.faults.isEmpty)
        lane.receive(frames[1].bytes, now: start + .milliseconds(3), &schedule)
        lane.receive(frames[2].bytes, now: start + .milliseconds(3), &schedule)
        #expect(lane.takeDue(now: start + .milliseconds(3)) == [.write(joined(1, 0, 2))])
        #expect(lane.tally.faults == [.reorder: 1])
    }

    @Test func `a frame that nothing overtakes goes on after the patience, uncounted`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.reorder(within: .milliseconds(50)))]))
        lane.receive(frames[0].bytes, now: start, &schedule)
        #expect(lane.takeDue(now: start + .milliseconds(49)).isEmpty)
        #expect(lane.takeDue(now: start + .milliseconds(50)) == [.write(joined(0))])
        #expect(lane.tally.faults.isEmpty)
    }

    @Test func `the end of the stream overtakes nothing`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.reorder(within: .milliseconds(50)))]))
        lane.receive(frames[0].bytes, now: start, &schedule)
        lane.receiveEnd(now: start)
        #expect(lane.takeDue(now: start + .seconds(1)) == [.write(joined(0)), .finish])
    }

    @Test func `a replay needs something older`() {
        #expect(run([.init(.replay, limit: 1)]) == [.write(joined(0, 0, 1, 2, 3, 4, 5))])
    }

    @Test func `wrong fields are wrong and everything else stays`() throws {
        let original = frames[0]
        func first(_ fault: Fault) throws -> RawFrame {
            guard case .write(let bytes) = run([.init(fault, limit: 1)]).first else { throw MissingWrite() }
            // Lengths in the header may be lies here, so the fields are compared with those of the original.
            #expect(bytes.dropFirst(24).elementsEqual(joined(0, 1, 2, 3, 4, 5).dropFirst(24)))
            return RawFrame(header: Array(bytes.prefix(24)), body: original.body)
        }
        var expected = original
        expected.opcode = 0x0d
        #expect(try first(.wrongOpcode) == expected)
        expected = original
        expected.magic = 0x7f
        #expect(try first(.wrongMagic(0x7f)) == expected)
        expected = original
        expected.keyLength = 65_535
        #expect(try first(.wrongKeyLength) == expected)
        expected = original
        expected.extrasLength = 255
        #expect(try first(.wrongExtrasLength) == expected)
        expected = original
        expected.bodyLength += 1
        #expect(try first(.wrongBodyLength) == expected)
        expected = original
        expected.bodyLength = 0xffff_ffff
        #expect(try first(.announceHugeBody) == expected)
        var changed = try first(.wrongOpaque)
        #expect(changed.opaque != original.opaque)
        changed.opaque = original.opaque
        #expect(changed == original)
    }

    private struct MissingWrite: Error {}

    @Test func `text and statuses come instead of the frame`() {
        let rest = joined(1, 2, 3, 4, 5)
        #expect(run([.init(.text("ERROR\r\n"), limit: 1)]) == [.write(Array("ERROR\r\n".utf8) + rest)])
        let busy = RawFrame(magic: 0x81, opcode: 0x0c, status: 0x85, opaque: 0, value: Array("busy".utf8))
        #expect(run([.init(.status(0x85, "busy"), limit: 1)]) == [.write(busy.bytes + rest)])
    }

    @Test func `SASL faults leave other commands alone`() {
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.refuseSASL), .init(.slowSASL(.seconds(1)))]))
        lane.receive(frames[0].bytes, now: start, &schedule)
        #expect(lane.takeDue(now: start) == [.write(joined(0))])
        let accepted = RawFrame(magic: 0x81, opcode: 0x21, opaque: 9, value: Array("Authenticated".utf8))
        lane.receive(accepted.bytes, now: start, &schedule)
        #expect(lane.takeDue(now: start).isEmpty)
        let refused = accepted.refusal(status: 0x20, text: "Auth failure.")
        #expect(lane.takeDue(now: start + .seconds(1)) == [.write(refused.bytes)])
        #expect(lane.tally.faults == [.refuseSASL: 1, .slowSASL: 1])
    }

    @Test func `answers are not put where requests belong`() {
        var lane = FaultLane(.requests, isRaw: false, generator: SeededGenerator(seed: 1))
        var schedule = FaultSchedule(
            FaultPlan([.init(.status(1, "no"), to: .requests), .init(.refuseSASL, to: .requests)])
        )
        let request = RawFrame(opcode: 0x21)
        lane.receive(request.bytes, now: start, &schedule)
        #expect(lane.takeDue(now: start) == [.write(request.bytes)])
        #expect(lane.tally.faults.isEmpty)
    }

    @Test func `bytes that are no frame are passed on and meet only faults that need no frame`() {
        let text = Array("ERROR Too many open connections\r\n".utf8)
        var lane = lane()
        var schedule = FaultSchedule(FaultPlan([.init(.wrongOpaque), .init(.duplicate, skipping: 1)]))
        lane.receive(text, now: start, &schedule)
        lane.receive(text, now: start, &schedule)
        #expect(lane.takeDue(now: start) == [.write(text + text + text)])
        #expect(lane.tally == FaultLane.Tally(frames: 0, faults: [.duplicate: 1]))
    }

    @Test func `an unfinished frame is handed over at the end of the stream`() {
        var lane = lane()
        var schedule = FaultSchedule(.none)
        lane.receive(frames[0].bytes.prefix(28), now: start, &schedule)
        #expect(lane.takeDue(now: start).isEmpty)
        lane.receiveEnd(now: start)
        #expect(lane.takeDue(now: start) == [.write(Array(frames[0].bytes.prefix(28))), .finish])
    }

    @Test func `the same seed gives the same faults and another seed others`() {
        func outcome(seed: UInt64) -> [DeliveryQueue.Action] {
            var lane = lane(seed: seed)
            let rules: [FaultPlan.Rule] = [
                .init(.duplicate, probability: 0.2), .init(.swallow, probability: 0.2),
                .init(.wrongOpaque, probability: 0.5), .init(.split(at: nil), probability: 0.5),
            ]
            var schedule = FaultSchedule(FaultPlan(rules))
            for _ in 0..<20 { for frame in frames { lane.receive(frame.bytes, now: start, &schedule) } }
            return lane.takeDue(now: start + .seconds(1))
        }
        #expect(outcome(seed: 7) == outcome(seed: 7))
        #expect(outcome(seed: 7) != outcome(seed: 8))
    }
}
