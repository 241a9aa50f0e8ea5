import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// What the client decides before anything is sent; nothing here connects.
@Suite struct ClientCoreTests {
    private static func core(
        servers: String = "h:1",
        _ change: (inout MemcachedConfiguration) -> Void = { _ in }
    ) throws -> ClientCore {
        var configuration = try MemcachedConfiguration(servers: servers)
        change(&configuration)
        return try ClientCore(configuration: configuration)
    }

    @Test(arguments: [1, 2, 249, 250])
    func `a key of 1 to 250 bytes is taken`(length: Int) throws {
        let core = try Self.core()
        let key = MemcachedKey(bytes: repeatElement(0, count: length))
        let request = try core.request(.get, key)
        #expect(request.key == key)
        #expect(request.keyLength == length)
    }

    @Test(arguments: [0, 251, 300, 65_535, 65_536, 100_000])
    func `a key that is empty or longer is refused, with nothing sent`(length: Int) throws {
        let core = try Self.core()
        let key = MemcachedKey(bytes: repeatElement(0x6B, count: length))
        let error = #expect(throws: MemcachedError.self) { try core.request(.set, key, value: ByteBuffer()) }
        #expect(error?.code == .invalidKey)
        #expect(error?.outcome == .notSent)
        #expect(error?.operation == "SET")
        #expect(error?.detail.contains("this one has \(length)") == true)
    }

    @Test func `bytes count, not characters`() throws {
        let core = try Self.core()
        _ = try core.request(.get, MemcachedKey(String(repeating: "é", count: 125)))
        #expect(throws: MemcachedError.self) {
            try core.request(.get, MemcachedKey(String(repeating: "é", count: 126)))
        }
    }

    @Test func `the namespace counts, and does not make an empty key whole`() throws {
        let core = try Self.core { $0.namespace = "app:" }
        let request = try core.request(.get, MemcachedKey(String(repeating: "k", count: 246)))
        #expect(request.keyLength == 250)
        #expect(request.namespace == "app:")
        for length in [0, 247] {
            let key = MemcachedKey(String(repeating: "k", count: length))
            let error = #expect(throws: MemcachedError.self) { try core.request(.get, key) }
            #expect(error?.code == .invalidKey)
            #expect(error?.detail.contains("namespace of 4") == true)
        }
    }

    @Test func `an error about a key does not show it`() throws {
        let core = try Self.core { $0.keys.requiresTextSafe = true }
        for key in ["hunter2 " + String(repeating: "k", count: 250), "hunter2 with a blank"] {
            let error = #expect(throws: MemcachedError.self) { try core.request(.get, MemcachedKey(key)) }
            #expect(error?.code == .invalidKey)
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test func `a request carries what it was given`() throws {
        let core = try Self.core()
        let extras = RequestExtras.store(flags: 3, expiration: 4)
        let value = ByteBuffer(string: "v")
        let request = try core.request(.replace, "k", extras: extras, cas: MemcachedCAS(rawValue: 9), value: value)
        #expect(request.opcode == .replace)
        #expect(request.extras == extras)
        #expect(request.cas == 9)
        #expect(request.value == value)
        #expect(try core.request(.get, "k").cas == 0)
    }

    @Test func `an item over the configured limit is refused, with nothing sent`() throws {
        let core = try Self.core { $0.limits.item = .bytes(1_000) }
        _ = try core.request(.set, "k", value: ByteBuffer(repeating: 0, count: 948))
        let error = #expect(throws: MemcachedError.self) {
            try core.request(.set, "k", value: ByteBuffer(repeating: 0, count: 949))
        }
        #expect(error?.code == .valueTooLarge)
        #expect(error?.outcome == .notSent)
        _ = try core.request(.get, "k")
    }

    static let absurd: [Duration?] = [
        nil, .zero, .seconds(-1), .nanoseconds(1), .seconds(86_400 * 400), .seconds(Int64.max), .seconds(Int64.min),
        .seconds(Int64.max) + .seconds(Int64.max), .seconds(Int64.min) + .seconds(Int64.min),
        .seconds(Int64.max) + .milliseconds(1),
    ]

    @Test(arguments: absurd)
    func `no timeout is too absurd for a deadline`(timeout: Duration?) throws {
        let core = try Self.core { $0.timeouts.operation = timeout.map { max($0, .nanoseconds(1)) } ?? .seconds(1) }
        for timeout in [timeout, nil] {
            let before = NIODeadline.now()
            let deadline = core.deadline(timeout)
            #expect(deadline >= before)
            #expect(deadline <= .now() + .hours(365 * 24))
        }
    }

    @Test func `the nearer of timeout and deadline counts`() async throws {
        let core = try Self.core()
        let inside = await withMemcachedDeadline(in: .seconds(10)) {
            await withMemcachedDeadline(in: .seconds(20)) {
                (core.deadline(.seconds(30)), core.deadline(.seconds(1)), NIODeadline.now())
            }
        }
        #expect(inside.0 <= inside.2 + .seconds(10))
        #expect(inside.1 <= inside.2 + .seconds(1))
        #expect(core.deadline(.seconds(30)) > .now() + .seconds(20))
    }

    @Test(arguments: ["a:1", "a:1,b:2", "a:1:4294967295,b:2:1,[::1]:3,/run/mc.sock"])
    func `every key has a server, the same each time`(servers: String) throws {
        let core = try Self.core(servers: servers)
        let other = try Self.core(servers: servers)
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let key = MemcachedKey(bytes: generator.bytes(generator.pick(1...250)))
            let index = core.topology.index(of: core.placed(key, routedBy: nil))
            #expect(core.topology.members.indices.contains(index))
            #expect(other.topology.index(of: other.placed(key, routedBy: nil)) == index)
        }
    }

    @Test func `the group decides about the server when one is given`() throws {
        let core = try Self.core(servers: "a:1,b:2,c:3")
        for number in 0..<3 {
            let key = MemcachedKey("key:\(number)")
            #expect(core.placed(key, routedBy: "group") == "group")
            #expect(core.placed(key, routedBy: nil) == key)
        }
    }

    /// A key is a user's and may be of any length, and so may a group.
    @Test func `placing a key does not trap, however long it is`() throws {
        let core = try Self.core(servers: "a:1,b:2")
        for length in [0, 1, 251, 70_000] {
            let key = MemcachedKey(bytes: repeatElement(0xFF, count: length))
            for placed in [core.placed(key, routedBy: nil), core.placed("k", routedBy: key)] {
                #expect(core.topology.members.indices.contains(core.topology.index(of: placed)))
            }
        }
    }
}
