import Testing

@testable import MemcachedTestSupport

@Suite struct ServerSessionTests {
    private let set = RawFrame(opcode: 1, opaque: 1, extras: .init(repeating: 0, count: 8), key: [7], value: [8, 9])
    private let get = RawFrame(opcode: 0, opaque: 2, key: [7])
    private let noop = RawFrame(opcode: 0x0a, opaque: 3)

    private func session(users: [String: String] = [:], itemSize: Int = 1 << 20) -> ServerSession {
        ServerSession(MemoryStore.Limits(itemSize: itemSize), SASLAccounts(passwords: users))
    }

    private func frames(_ outputs: [ServerSession.Output]) -> [RawFrame] {
        outputs.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
    }

    @Test func `requests are answered whatever pieces they come in`() {
        let stream = set.bytes + get.bytes + RawFrame(opcode: 0x0d, key: [1]).bytes + noop.bytes
        for size in 1...stream.count {
            var (session, store) = (session(), MemoryStore())
            var outputs: [ServerSession.Output] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                outputs += session.receive(stream[start..<min(start + size, stream.count)], &store, now: 0)
            }
            #expect(frames(outputs).map(\.opaque) == [1, 2, 3])
            #expect(frames(outputs)[1].value == [8, 9])
            #expect(session.requestCount == 4)
        }
    }

    @Test func `a value that is too large is thrown away as it comes`() {
        let large = RawFrame(
            opcode: 1,
            opaque: 5,
            extras: .init(repeating: 0, count: 8),
            key: [7],
            value: .init(repeating: 0, count: 5_000)
        )
        var (session, store) = (session(itemSize: 1_024), MemoryStore(MemoryStore.Limits(itemSize: 1_024)))
        _ = session.receive(set.bytes, &store, now: 0)
        #expect(session.receive(large.bytes.prefix(3_000), &store, now: 0).isEmpty)
        let outputs = session.receive(large.bytes.dropFirst(3_000) + get.bytes, &store, now: 0)
        #expect(frames(outputs).map(\.status) == [3, 1])
        #expect(frames(outputs).map(\.opaque) == [5, 2])
    }

    @Test func `answers that a NOOP has not sent are lost when the stream goes wrong`() {
        var (session, store) = (session(), MemoryStore())
        let garbage = [UInt8](repeating: 0x81, count: 24)
        let outputs = session.receive(set.bytes + noop.bytes + get.bytes + garbage + get.bytes, &store, now: 0)
        #expect(frames(outputs).map(\.opaque) == [1, 3])
        #expect(outputs.last == .close)
        #expect(session.receive(get.bytes, &store, now: 0).isEmpty)
    }

    @Test func `text is answered with text, and with silence where SASL is demanded`() {
        var (plain, sasl, store) = (session(), session(users: ["u": "p"]), MemoryStore())
        let text = Array("version\r\nget abcdefghijklmnop\r\n".utf8)
        let answers = plain.receive(text, &store, now: 0)
        #expect(answers == [.bytes(Array("ERROR\r\n".utf8)), .bytes(Array("ERROR\r\n".utf8))])
        #expect(sasl.receive(text.prefix(23), &store, now: 0).isEmpty)
        #expect(sasl.receive(text.dropFirst(23), &store, now: 0) == [.close])
    }

    @Test func `before authentication everything but four commands is refused and closes`() {
        for opcode in UInt8.min...UInt8.max {
            var (session, store) = (session(users: ["u": "p"]), MemoryStore())
            let outputs = session.receive(RawFrame(opcode: opcode, key: [1]).bytes, &store, now: 0)
            if [0x0b, 0x20].contains(opcode) {
                // Well known, and malformed with a key.
                #expect(frames(outputs).map(\.status) == [4])
            } else if [0x21, 0x22].contains(opcode) {
                #expect(outputs == [.frame(frames(outputs)[0])])
                #expect(frames(outputs).map(\.status) == [0x20])
            } else {
                #expect(frames(outputs).map(\.status) == [0x20])
                #expect(outputs.last == .close)
            }
        }
    }

    @Test func `authentication data that are too long are out of memory and swallowed`() {
        var (session, store) = (session(users: ["u": "p"]), MemoryStore())
        let long = RawFrame(opcode: 0x21, key: Array("PLAIN".utf8), value: .init(repeating: 0, count: 600_000))
        let outputs = session.receive(long.bytes + RawFrame(opcode: 0x0b).bytes, &store, now: 0)
        #expect(frames(outputs).map(\.status) == [0x82, 0])
    }

    @Test func `authentications are counted`() {
        var (session, store) = (session(users: ["u": "p"]), MemoryStore())
        let mechanism = Array("PLAIN".utf8)
        let list = RawFrame(opcode: 0x20)
        let wrong = RawFrame(opcode: 0x21, key: mechanism, value: Array("\0u\0x".utf8))
        let right = RawFrame(opcode: 0x21, key: mechanism, value: Array("\0u\0p".utf8))
        let outputs = session.receive(list.bytes + wrong.bytes + right.bytes + noop.bytes, &store, now: 0)
        #expect(frames(outputs).map(\.status) == [0, 0x20, 0, 0])
        #expect(store.counters["auth_cmds"] == 2)
        #expect(store.counters["auth_errors"] == 1)
    }

    @Test func `a script does what it says in its order`() {
        var (session, store) = (session(), MemoryStore())
        let own = RawFrame(magic: 0x81, opcode: 0x55)
        let outputs = session.receive(set.bytes + get.bytes, &store, now: 0) { request in
            request.opcode == 1
                ? [.perform, .fault(.reset), .refuse(status: 0x85, text: "Busy")]
                : [.respond(own), .answer, .send([1, 2]), .close, .answer]
        }
        let busy = set.refusal(status: 0x85, text: "Busy")
        #expect(outputs.count == 6)
        #expect(outputs.prefix(3) == [.fault(.reset), .frame(busy), .frame(own)])
        #expect(frames(outputs)[2].value == [8, 9])
        #expect(outputs.suffix(2) == [.bytes([1, 2]), .close])
    }

    @Test func `a script may leave a request alone or reset the connection`() {
        var (session, store) = (session(), MemoryStore())
        let outputs = session.receive(set.bytes + get.bytes + noop.bytes, &store, now: 0) { request in
            switch request.opcode {
            case 1: []
            case 0: [.answer]
            default: [.reset, .answer]
            }
        }
        #expect(frames(outputs).map(\.status) == [1])
        #expect(outputs.last == .reset)
        #expect(session.receive(get.bytes, &store, now: 0).isEmpty)
    }

    @Test func `performing a QUIT closes without an answer`() {
        var (session, store) = (session(), MemoryStore())
        let outputs = session.receive(RawFrame(opcode: 7).bytes, &store, now: 0) { _ in [.perform] }
        #expect(outputs == [.close])
    }
}
