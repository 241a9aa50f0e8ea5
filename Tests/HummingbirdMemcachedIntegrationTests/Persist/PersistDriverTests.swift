#if HummingbirdSupport
import Foundation
import Hummingbird
import Logging
import Memcached
import MemcachedTestSupport
import NIOCore
import ServiceLifecycle
import Testing

@testable import HummingbirdMemcached

@Suite struct PersistDriverTests {
    /// A driver that goes by a clock which stands still, a minute ahead of the server's: that one drops nothing early,
    /// however long a test takes.
    private static func driver(
        _ client: MemcachedClient,
        _ clock: ManualClock = ManualClock()
    ) -> MemcachedPersistDriver {
        let start = Date(timeIntervalSinceNow: 60)
        return MemcachedPersistDriver(client: client, keyPrefix: "p.") {
            let (seconds, attoseconds) = clock.now.offset.components
            return start.addingTimeInterval(Double(seconds) + Double(attoseconds) * 1e-18)
        }
    }

    private static func client(
        _ address: TestServerAddress,
        _ configure: (inout MemcachedConfiguration) -> Void = { _ in }
    ) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(30)
        configuration.timeouts.connect = .seconds(30)
        configure(&configuration)
        return try MemcachedClient(configuration)
    }

    @Test(arguments: PersistContract.all)
    func `Hummingbird's driver in memory`(contract: PersistContract) async throws {
        let clock = ManualClock()
        try await contract.check(MemoryPersistDriver(clock), clock)
    }

    @Test(arguments: PersistContract.all)
    func `ours over memcached`(contract: PersistContract) async throws {
        try await withMemcached { server in
            let clock = ManualClock()
            try await contract.check(Self.driver(try Self.client(server.address), clock), clock)
        }
    }

    @Test func `a value that ended can be created again before the server has dropped it`() async throws {
        try await withMemcached { server in
            let clock = ManualClock()
            let driver = Self.driver(try Self.client(server.address), clock)
            try await driver.create(key: "k", value: "a", expires: .seconds(10))
            clock.advance(by: .seconds(11))
            try await driver.create(key: "k", value: "b", expires: .seconds(10))
            #expect(try await driver.get(key: "k", as: String.self) == "b")
            clock.advance(by: .seconds(11))
            try await driver.set(key: "k", value: "c")
            #expect(try await driver.getWithTTL(key: "k", as: String.self)?.ttl == nil)
        }
    }

    @Test func `parts of a second are not taken for no end, and no time is the end at once`() async throws {
        try await withMemcached { server in
            let clock = ManualClock()
            let driver = Self.driver(try Self.client(server.address), clock)
            try await driver.set(key: "k", value: "a", expires: .milliseconds(200))
            #expect(try await driver.get(key: "k", as: String.self) == "a")
            clock.advance(by: .milliseconds(201))
            #expect(try await driver.get(key: "k", as: String.self) == nil)
            for time in [Duration.zero, .seconds(-5)] {
                try await driver.set(key: "none", value: "a", expires: time)
                #expect(try await driver.get(key: "none", as: String.self) == nil)
                try await driver.create(key: "none", value: "b", expires: time)
                #expect(try await driver.get(key: "none", as: String.self) == nil)
            }
        }
    }

    @Test func `more than thirty days are no instant in 1970`() async throws {
        try await withMemcached { server in
            let driver = Self.driver(try Self.client(server.address))
            try await driver.set(key: "k", value: "a", expires: .seconds(90 * 86_400))
            let read = try await driver.getWithTTL(key: "k", as: String.self)
            #expect(read?.object == "a")
            #expect(read?.ttl == .seconds(90 * 86_400))
            try await driver.set(key: "k", value: "b")
            #expect(try await driver.getWithTTL(key: "k", as: String.self)?.ttl == .seconds(90 * 86_400))
        }
    }

    @Test func `the server drops a value by itself, and not too early`() async throws {
        let server = try await FakeMemcachedServer.start()
        let driver = MemcachedPersistDriver(client: try Self.client(server.address))
        try await driver.set(key: "k", value: "a", expires: .seconds(100))
        let end = try #require(server["k"]?.expires)
        #expect((101...103).contains(end - server.now))
        await server.stop()
    }

    @Test func `a value that is too large is an error, and the old one stays`() async throws {
        try await withMemcached { server in
            let driver = Self.driver(try Self.client(server.address))
            try await driver.set(key: "k", value: "a")
            let large = String(repeating: "x", count: 2 << 20)
            for time in [nil, Duration.seconds(10)] {
                await #expect {
                    try await driver.set(key: "k", value: large, expires: time)
                } throws: { error in
                    (error as? MemcachedError)?.code == .valueTooLarge
                }
                #expect(try await driver.get(key: "k", as: String.self) == "a")
            }
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 249)])
    func `what is no key is refused before anything is sent`(key: String) async throws {
        let client = try Self.client(.tcp(host: "127.0.0.1", port: 1))
        let driver = MemcachedPersistDriver(client: client, keyPrefix: key.isEmpty ? "" : "p.")
        await #expect {
            try await driver.set(key: key, value: 1)
        } throws: { error in
            (error as? MemcachedError)?.code == .invalidKey
        }
    }

    @Test func `what somebody else has stored is an invalid conversion`() async throws {
        try await withMemcached { server in
            let client = try Self.client(server.address)
            let driver = Self.driver(client)
            try await client.set("p.k", to: ByteBuffer(string: "\"text\""))
            await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: "k", as: String.self) }
            await #expect(throws: PersistError.duplicate) { try await driver.create(key: "k", value: "a") }
            try await driver.set(key: "k", value: "b")
            #expect(try await driver.get(key: "k", as: String.self) == "b")
        }
    }

    @Test func `of many who create one is the first, and of many who set all are done`() async throws {
        try await withMemcached { server in
            let driver = Self.driver(try Self.client(server.address))
            let created = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        do {
                            try await driver.create(key: "k", value: number, expires: .seconds(60))
                            return true
                        } catch let error as PersistError where error == .duplicate {
                            return false
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(created == 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // As many as the driver has tries: whoever fails one of them has been overtaken by another, who is done.
                for number in 0..<16 { group.addTask { try await driver.set(key: "k", value: number) } }
                try await group.waitForAll()
            }
            #expect(try await driver.getWithTTL(key: "k", as: Int.self)?.ttl == .seconds(60))
        }
    }

    @Test func `without CAS a value cannot be changed safely, and is not`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let driver = Self.driver(try Self.client(server.address))
            try await driver.set(key: "k", value: "a")
            await #expect {
                try await driver.set(key: "k", value: "b")
            } throws: { error in
                (error as? MemcachedError)?.code == .casUnavailable
            }
            #expect(try await driver.get(key: "k", as: String.self) == "a")
        }
    }

    @Test func `it ends with its service group and leaves the client to others`() async throws {
        try await withMemcached { server in
            let client = try Self.client(server.address)
            let driver = Self.driver(client)
            let group = ServiceGroup(services: [driver], logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await driver.set(key: "k", value: "a")
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(try await driver.get(key: "k", as: String.self) == "a")
            #expect(try await client.get("p.k") != nil)
        }
    }
}
#endif
