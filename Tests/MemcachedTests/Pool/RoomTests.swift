import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Pool and connection together: whoever finds no room gets some in the end, as long as the server answers.
@Suite struct RoomTests {
    /// What ``ServerPool`` and ``Connection`` do with their machines, step by step and without a socket.
    struct Shell {
        var generator: SeededGenerator
        var pool = TestPool(waiters: 10_000)
        var pipeline: RequestPipeline<Int>
        let connection = FakeConnection()
        var requests: [Int: [Request]] = [:]
        /// Operations that were refused and have not come to wait yet.
        var refused: [Int] = []
        /// Requests that the server has to answer.
        var outstanding: [SentRequest] = []
        var finished: Set<Int> = []
        var attempts = 0

        init(seed: UInt64, requests: Int, bytes: Int) {
            generator = SeededGenerator(seed: seed)
            pipeline = RequestPipeline(requests: requests, bytes: bytes)
            _ = pool.acquire(-1)
            _ = pool.connected(connection)
        }

        /// The connection is asked to take an operation.
        mutating func submit(_ operation: Int) {
            attempts += 1
            let requests = requests[operation] ?? []
            let submission = pipeline.submit(
                requests,
                expecting: .sequence(Opcodes(requests.map(\.opcode))),
                now: .at(milliseconds: 0),
                deadline: .at(milliseconds: 1),
                sink: operation
            )
            if submission.isFull { refused.append(operation) }
        }

        /// A refused operation comes to wait; there may have been room since it was refused.
        mutating func wait() {
            guard let operation = refused.popLast() else { return }
            #expect(pool.acquire(operation, full: connection).id != nil)
            if let room = pipeline.waitForRoom() { hasRoom(room) }
        }

        mutating func hasRoom(_ room: Int) {
            var room: Int? = room
            while let count = room {
                let release = pool.hasRoom(connection, count: count)
                guard case .resume(let operations, _) = release else { return }
                for operation in operations { submit(operation) }
                room = pool.waiterCount > 0 ? pipeline.waitForRoom() : nil
            }
        }

        /// The event loop writes, and the server answers some of what it got.
        mutating func serve() throws {
            outstanding += try pipeline.sent()
            for _ in 0..<generator.pick(1...4) where !outstanding.isEmpty {
                let request = outstanding.removeFirst()
                if case .answer(let operation?, _, true, _) = pipeline.match(
                    ResponseHeader(request.opcode, request.opaque)
                ) {
                    #expect(finished.insert(operation).inserted)
                }
            }
            if let room = pipeline.hasRoomAgain() { hasRoom(room) }
        }
    }

    @Test(arguments: [(1, 1_000_000), (2, 100), (3, 60), (8, 1_000_000), (8, 200), (100, 26), (100, 1)], UInt64(1)...4)
    func `every operation gets through`(limits: (requests: Int, bytes: Int), seed: UInt64) throws {
        var shell = Shell(seed: seed, requests: limits.requests, bytes: limits.bytes)
        let operations = 300
        for operation in 0..<operations {
            let length = shell.generator.happens(percent: 10) ? shell.generator.pick(0...150) : 1
            let request = Request(opcode: .set, key: "k", value: ByteBuffer(repeating: 1, count: length))
            shell.requests[operation] = Array(repeating: request, count: shell.generator.pick(1...4))
        }
        var arrived = 0
        var steps = 0
        while shell.finished.count < operations, steps < 20_000 {
            steps += 1
            switch shell.generator.pick(0...2) {
            case 0 where arrived < operations:
                shell.submit(arrived)
                arrived += 1
            case 1: shell.wait()
            default: try shell.serve()
            }
        }
        #expect(shell.finished.count == operations)
        #expect(shell.pool.waiterCount == 0)
    }

    /// The server says nothing, half of the room is free, and one operation needs more than that.
    @Test func `an operation that does not fit is not tried in a circle`() {
        var shell = Shell(seed: 1, requests: 10, bytes: 1_000)
        shell.requests[0] = [Request(opcode: .get, key: "k")]
        shell.requests[1] = Array(repeating: Request(opcode: .get, key: "k"), count: 10)
        shell.submit(0)
        shell.submit(1)
        for _ in 0..<100 { shell.wait() }
        #expect(shell.attempts == 2)
        #expect(shell.pool.waiterCount == 1)
    }
}
