import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Thousands of random steps against a server that answers in order, until the connection ends.
@Suite struct RequestPipelineRandomTests {
    /// One connection's life.
    struct Life {
        var generator: SeededGenerator
        var pipeline: RequestPipeline<Int>
        var opaque: UInt32
        var now = 0
        var nextSink = 0
        /// The ticket of each sink that was accepted.
        var tickets: [Int: UInt64] = [:]
        /// How often each sink was told how it ended.
        var told: [Int: Int] = [:]
        /// What was encoded and has not gone out.
        var pending: [UInt8] = []
        /// Requests that the server has received and not answered.
        var received: [SentRequest] = []
        /// Sinks whose requests were handed to the channel.
        var handedOut: Set<Int> = []
        var encoded: Set<Int> = []
        var isEnded = false
        /// What is being written, and whether its own caller does that.
        var writing: (buffers: [ByteBuffer], byCaller: Bool)?
        /// Whether the event loop has been asked to come and has not.
        var isWoken = false

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            opaque = seed.isMultiple(of: 3) ? .max - 500 : UInt32(truncatingIfNeeded: generator.next())
            pipeline = RequestPipeline(
                firstOpaque: opaque,
                maximumRequests: 40,
                maximumBytes: 60_000,
                now: .at(milliseconds: 0)
            )
        }

        mutating func tell(_ sinks: [Int]) {
            for sink in sinks { told[sink, default: 0] += 1 }
        }
    }

    @Test(arguments: UInt64(1)...12)
    func `every caller is told once, and what goes out is what was encoded`(seed: UInt64) throws {
        var life = Life(seed: seed)
        for _ in 0..<3_000 {
            life.now += life.generator.pick(0...2)
            switch life.generator.pick(0...999) {
            case 0..<450: try Self.submit(&life)
            case 450..<600: try Self.service(&life)
            case 600..<650: Self.finishWriting(&life)
            case 650..<850: Self.answer(&life)
            case 850..<920:
                guard let (sink, ticket) = life.tickets.randomElement(using: &life.generator) else { continue }
                if let abandoned = life.pipeline.abandon(ticket: ticket) {
                    #expect(abandoned == sink)
                    life.tell([sink])
                }
            case 920..<998: life.tell(life.pipeline.tick(at: .at(milliseconds: life.now)).expired)
            case 998: if life.generator.happens(percent: 20) { life.pipeline.drain() }
            default: if life.generator.happens(percent: 20) { Self.close(&life) }
            }
            #expect(life.pipeline.requestsInFlight >= 0)
            #expect(life.pipeline.isClosed == life.isEnded)
            // What waits to be written has somebody coming for it.
            #expect(life.isEnded || life.pending.isEmpty || life.writing != nil || life.isWoken)
        }
        Self.close(&life)
        #expect(Set(life.told.keys) == Set(0..<life.nextSink))
        #expect(life.told.values.allSatisfy { $0 == 1 })
    }

    private static func submit(_ life: inout Life) throws {
        let sink = life.nextSink
        life.nextSink += 1
        let (requests, expectation) = request(&life.generator)
        let submission = life.pipeline.submit(
            requests,
            expecting: expectation,
            now: .at(milliseconds: life.now),
            deadline: .at(milliseconds: life.now + life.generator.pick(0...80)),
            sink: sink
        )
        switch submission {
        case .accepted(let ticket, let wake):
            #expect(!life.isEnded)
            life.tickets[sink] = ticket
            life.encoded.insert(sink)
            var all = requests
            if case .quiet = expectation { all.append(Request(opcode: .noop)) }
            for request in all {
                life.pending += request.encoded(opaque: life.opaque) ?? []
                life.opaque &+= 1
            }
            guard wake else { break }
            if life.generator.happens(percent: 50), let only = life.pipeline.takeOnly(maximumBytes: 10_000) {
                #expect(life.writing == nil)
                try write([only], &life)
                life.writing = ([only], byCaller: true)
            } else {
                life.isWoken = true
            }
        case .full, .closed: life.tell([sink])
        case .tooLarge: Issue.record("nothing here is too large")
        }
    }

    private static func request(_ generator: inout SeededGenerator) -> ([Request], Memcached.Expectation) {
        let count = generator.pick(1...4)
        switch generator.pick(0...3) {
        case 0:
            return ([Request(opcode: .get, key: "key")], .one(.get))
        case 1:
            let length = [0, 1, 500, 16_384, 16_385, 20_000][generator.pick(0...5)]
            let value = ByteBuffer(bytes: generator.bytes(length))
            let extras = RequestExtras.store(flags: 7, expiration: 9)
            return ([Request(opcode: .set, extras: extras, namespace: "n:", key: "set", value: value)], .one(.set))
        case 2:
            return (
                Array(repeating: Request(opcode: .getQuiet, key: "q"), count: count),
                .quiet(.same(.getQuiet, count: count))
            )
        default:
            return (
                Array(repeating: Request(opcode: .delete, key: "d"), count: count),
                .sequence(.same(.delete, count: count))
            )
        }
    }

    private static func service(_ life: inout Life) throws {
        let isWritable = life.generator.happens(percent: 80)
        let service = life.pipeline.service(isWritable: isWritable)
        if life.writing != nil { #expect(service.buffers.isEmpty) }
        if life.isEnded { #expect(service.buffers.isEmpty) }
        try Self.write(service.buffers, &life)
        if !service.buffers.isEmpty { life.writing = (service.buffers, byCaller: false) }
        // A channel that is not writable tells when it is again.
        life.isWoken = !isWritable || life.writing != nil
        // Sometimes writing takes a while.
        if life.generator.happens(percent: 70) { finishWriting(&life) }
    }

    private static func write(_ buffers: [ByteBuffer], _ life: inout Life) throws {
        guard !buffers.isEmpty else { return }
        life.received += try SentRequest.parse(buffers)
        #expect(buffers.flatMap { Array($0.readableBytesView) } == life.pending)
        life.pending = []
        life.handedOut.formUnion(life.encoded)
        life.encoded = []
    }

    private static func finishWriting(_ life: inout Life) {
        guard let (buffers, byCaller) = life.writing else { return }
        life.writing = nil
        var written = buffers.count == 1 ? buffers[0] : ByteBuffer()
        if byCaller {
            if life.pipeline.finishWriting(&written) { life.isWoken = true }
        } else {
            life.pipeline.recycle(&written)
        }
    }

    /// The server answers what it received first; quiet requests only sometimes.
    private static func answer(_ life: inout Life) {
        guard !life.isEnded, !life.received.isEmpty else { return }
        let request = life.received.removeFirst()
        if request.opcode == .getQuiet, life.generator.happens(percent: 50) { return }
        life.pipeline.noteRead(at: .at(milliseconds: life.now))
        switch life.pipeline.match(ResponseHeader(request.opcode, request.opaque)) {
        case .answer(let sink?, _, let last, let late):
            #expect(!late)
            if last { life.tell([sink]) }
        case .answer(nil, _, _, let late): #expect(late)
        case .violation(let reason): Issue.record("\(reason)")
        }
        _ = life.pipeline.hasRoomAgain()
    }

    private static func close(_ life: inout Life) {
        let ending = life.pipeline.close(MemcachedError(.connectionLost, "gone"))
        if life.isEnded { #expect(ending.unknown.isEmpty && ending.notSent.isEmpty) }
        #expect(ending.unknown.allSatisfy(life.handedOut.contains))
        #expect(!ending.notSent.contains(where: life.handedOut.contains))
        life.tell(ending.unknown + ending.notSent)
        life.isEnded = true
    }
}
