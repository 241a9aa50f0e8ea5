import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Thousands of random steps, compared with a plain list of the responses that may come.
@Suite struct InFlightQueueRandomTests {
    /// One response that may come; a server may leave out those that are optional.
    struct Expected {
        var entry: Int
        var index: Int
        var opcode: Opcode
        var opaque: UInt32
        var isOptional = false
        var isLast = false
        /// STAT: comes any number of times.
        var repeats = false
    }

    /// One entry, by its number, which is also its sink.
    struct Entry {
        var ticket: UInt64
        var requestCount: Int
        var byteCount: Int
        var deadline: NIODeadline
        var heir: Int?
        var isWaiting = true
        var isInQueue = true
    }

    @Test(arguments: UInt64(1)...12)
    func `each request completes once, nobody gets another's answer, and the counts are right`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var opaque = seed.isMultiple(of: 2) ? UInt32.max - 300 : UInt32(truncatingIfNeeded: generator.next())
        var queue = InFlightQueue<Int>(firstOpaque: opaque)
        var entries: [Entry] = []
        var expected: [Expected] = []
        var completions: [Int: Int] = [:]
        var now = 0

        func complete(_ entry: Int) {
            #expect(entries[entry].isWaiting)
            entries[entry].isWaiting = false
            completions[entry, default: 0] += 1
        }

        for _ in 0..<4_000 {
            now += generator.pick(0...3)
            switch generator.pick(0...99) {
            case 0..<35:
                let number = entries.count
                let (expectation, responses) = Self.request(number, &opaque, &generator)
                let bytes = generator.pick(24...500)
                let deadline = NIODeadline.at(milliseconds: now + generator.pick(0...60))
                let heir = generator.happens(percent: 30) ? -number - 1 : nil
                let ticket = queue.append(
                    expectation,
                    byteCount: bytes,
                    submitted: .at(milliseconds: now),
                    deadline: deadline,
                    sink: number,
                    heir: heir
                )
                entries.append(
                    Entry(
                        ticket: ticket,
                        requestCount: responses.count,
                        byteCount: bytes,
                        deadline: deadline,
                        heir: heir
                    )
                )
                expected += responses
            case 35..<75:
                guard let position = Self.possible(expected).randomElement(using: &generator) else { continue }
                let response = expected[position]
                let entry = entries[response.entry]
                let ends = response.isLast && !(response.repeats && generator.happens(percent: 60))
                let header =
                    response.repeats && !ends
                    ? ResponseHeader.stat(response.opaque, name: 4, value: 2)
                    : ResponseHeader(response.opcode, response.opaque)
                let answer = QueueAnswer(
                    entry.isWaiting ? response.entry : entry.heir,
                    index: response.index,
                    last: ends,
                    late: !entry.isWaiting
                )
                #expect(queue.match(header).answer == answer)
                expected.removeFirst(response.repeats && !ends ? position : position + 1)
                if ends {
                    entries[response.entry].isInQueue = false
                    if entry.isWaiting { complete(response.entry) }
                }
            case 75..<85:
                let header = ResponseHeader(
                    [Opcode.get, .getQuiet, .noop, .stat, .add][generator.pick(0...4)],
                    opaque &- UInt32(generator.pick(0...40))
                )
                let fits = Self.possible(expected)
                    .contains { index in
                        expected[index].opcode == header.opcode && expected[index].opaque == header.opaque
                    }
                if !fits { #expect(queue.match(header).answer == nil) }
            case 85..<93:
                guard let entry = entries.indices.randomElement(using: &generator) else { continue }
                let isThere = entries[entry].isInQueue && entries[entry].isWaiting
                #expect(queue.abandon(ticket: entries[entry].ticket) == (isThere ? entry : nil))
                if isThere { complete(entry) }
            case 93..<99:
                let instant = NIODeadline.at(milliseconds: now)
                let due = entries.indices.filter { entries[$0].isWaiting && entries[$0].deadline <= instant }
                let (expired, next) = queue.expire(at: instant)
                #expect(expired.map(\.sink) == due)
                for entry in due { complete(entry) }
                #expect(next == entries.filter(\.isWaiting).map(\.deadline).min())
            default:
                let waiting = entries.indices.filter { entries[$0].isWaiting }
                #expect(queue.removeAll().map(\.sink) == waiting)
                for entry in waiting { complete(entry) }
                for entry in entries.indices { entries[entry].isInQueue = false }
                expected = []
            }
            let present = entries.filter(\.isInQueue)
            #expect(queue.requestCount == present.reduce(0) { $0 + $1.requestCount })
            #expect(queue.byteCount == present.reduce(0) { $0 + $1.byteCount })
            #expect(queue.isEmpty == present.isEmpty)
            #expect(queue.upcomingOpaque == opaque)
        }
        for (sink, _) in queue.removeAll() { complete(sink) }
        #expect(completions.count == entries.count)
        #expect(completions.values.allSatisfy { $0 == 1 })
    }

    /// The positions of the responses that may come next: up to the first that cannot be left out.
    private static func possible(_ expected: [Expected]) -> [Int] {
        guard let end = expected.firstIndex(where: { !$0.isOptional }) else { return [] }
        return Array(0...end)
    }

    private static func request(
        _ entry: Int,
        _ opaque: inout UInt32,
        _ generator: inout SeededGenerator
    ) -> (Memcached.Expectation, [Expected]) {
        func next(_ index: Int, _ opcode: Opcode, optional: Bool = false, last: Bool = false) -> Expected {
            defer { opaque &+= 1 }
            return Expected(
                entry: entry,
                index: index,
                opcode: opcode,
                opaque: opaque,
                isOptional: optional,
                isLast: last,
                repeats: opcode == .stat
            )
        }
        let count = generator.pick(0...5)
        switch generator.pick(0...3) {
        case 0:
            return (.one(.get), [next(0, .get, last: true)])
        case 1:
            return (.statistics, [next(0, .stat, last: true)])
        case 2:
            let quiet = (0..<count).map { next($0, .getQuiet, optional: true) }
            return (.quiet(Opcodes(quiet.map(\.opcode))), quiet + [next(count, .noop, last: true)])
        default:
            let answered = (0...count).map { next($0, [Opcode.add, .get][$0 % 2], last: $0 == count) }
            return (.sequence(Opcodes(answered.map(\.opcode))), answered)
        }
    }
}
