import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Cases 117 to 128, 134, 135, 137, 140: errors, and answers that come late, broken or never.
@Suite struct FailureCaseTests {
    /// Opcodes of SET, GET, INCREMENT, DELETE, FLUSH.
    private static let verbs: [UInt8] = [0x01, 0x00, 0x05, 0x04, 0x08]

    private func use(_ opcode: UInt8, _ client: MemcachedClient) async -> MemcachedError? {
        await failure { () async throws(MemcachedError) in
            switch opcode {
            case 0x00: _ = try await client.get("key")
            case 0x01: try await client.set("key", to: "value")
            case 0x04: try await client.delete("key")
            case 0x05: _ = try await client.increment("key")
            default: try await client.flush()
            }
        }
    }

    @Test(arguments: [0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86] as [UInt16])
    func `a status that is no answer to a read is an error that names it`(status: UInt16) async throws {
        try await withProxiedClient { client, proxy, _ in
            try await client.set("key", to: "value")
            proxy.plan = FaultPlan([.init(.status(status, "some text of the server"), opcodes: [0x00])])
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.status == status && error?.outcome == .rejected)
            // What a server writes may be anything; the words are the client's own.
            #expect(error?.detail.contains("some text") == false)
            proxy.plan = .none
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test(arguments: verbs)
    func `a command that the server does not know is an error and not a miss`(opcode: UInt8) async throws {
        try await withProxiedClient { client, proxy, _ in
            proxy.inject(.status(0x81, "Unknown command"), opcodes: [opcode])
            let error = await use(opcode, client)
            #expect(error?.code == .unknownCommand && error?.status == 0x81)
            #expect(await use(opcode, client) == nil || opcode == 0x05)
        }
    }

    @Test func `values of two and of twenty-one mebibytes are refused and what comes next works`() async throws {
        try await withClient(.init(), ClientSettings(operation: .seconds(60))) { client, server in
            for mebibytes in [2, 21] {
                let value = ByteBuffer(repeating: 0x78, count: mebibytes << 20)
                let error = await failure { () async throws(MemcachedError) in try await client.set("large", to: value)
                }
                #expect(error?.code == .valueTooLarge && error?.status == 3)
                try await client.set("small", to: "value")
                #expect(try await client.get(["large", "small"], as: String.self) == ["small": "value"])
            }
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `a limit of the client's own leaves the old value, because nothing was sent`() async throws {
        try await withClient { client, server in
            let cas = try #require(try await client.set("key", to: bytes("old")))
            var configuration = MemcachedConfiguration(server.address)
            configuration.limits.item = .bytes(160)
            let careful = try MemcachedClient(configuration)
            let large = ByteBuffer(repeating: 0x78, count: 200)
            let errors = [
                await failure { () async throws(MemcachedError) in try await careful.set("key", to: large) },
                await failure { () async throws(MemcachedError) in
                    try await careful.set("key", to: large, ifUnchangedSince: cas)
                },
            ]
            #expect(errors.allSatisfy { $0?.code == .valueTooLarge && $0?.outcome == .notSent })
            #expect(try await client.get("key", as: String.self) == "old")
        }
    }

    @Test func `a client of no servers cannot be made`() async {
        let error = await failure { () throws(MemcachedError) in
            try MemcachedClient(MemcachedConfiguration(servers: [MemcachedServer]()))
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `a server that never answers is a timeout`() async throws {
        let server = try await SilentServer.start()
        var configuration = MemcachedConfiguration(server.address)
        configuration.timeouts.operation = .seconds(2)
        let client = try MemcachedClient(configuration)
        let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
        #expect(error?.code == .timeout && error?.outcome == .unknown)
        await server.stop()
    }

    @Test func `a connection that is never made is a timeout with nothing sent`() async throws {
        try await withProxiedClient(ClientSettings(connect: .milliseconds(200))) { client, proxy, _ in
            try await proxy.setAcceptMode(.hang)
            let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
            #expect(error?.code == .timeout && error?.outcome == .notSent)
            try await proxy.setAcceptMode(.forward)
        }
    }

    @Test func `the answer to a read that timed out never goes to the next`() async throws {
        try await withProxiedClient { client, proxy, _ in
            try await client.set("first", to: "first")
            try await client.set("second", to: "second")
            for _ in 0..<10 {
                proxy.pauseResponses()
                let error = await failure { () async throws(MemcachedError) in
                    try await client.get("first", timeout: .milliseconds(500))
                }
                #expect(error?.code == .timeout)
                async let second = client.get("second", as: String.self)
                proxy.resumeResponses()
                #expect(try await second == "second")
            }
            #expect(client.counters.lateResponsesDropped == 10 && proxy.counts.connectionsAccepted == 1)
        }
    }

    @Test(arguments: [Fault.reset, .close, .text("123"), .dropRest, .truncate(to: 3)])
    func `a connection that breaks or answers rubbish is an error in time`(fault: Fault) async throws {
        try await withProxiedClient(ClientSettings(operation: .seconds(3))) { client, proxy, _ in
            try await client.set("key", to: "value", timeout: .seconds(30))
            proxy.plan = FaultPlan([.init(fault)])
            let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "other") }
            #expect(error?.outcome == .unknown)
            proxy.plan = .none
            let isBack = try await comesTrue {
                await failure { () async throws(MemcachedError) in try await client.get("key") } == nil
            }
            #expect(isBack)
        }
    }

    @Test func `a unix socket that is closed under an operation is an error in time`() async throws {
        try await withMemcached(.init(unixSocket: true)) { server in
            let client = try MemcachedClient(MemcachedConfiguration(server.address))
            try await client.set("key", to: "value")
            await server.kill()
            let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "other") }
            #expect(error?.code == .connectionLost || error?.code == .connectionFailed)
        }
    }

    @Test func `a value that breaks off is read again and never handed over`() async throws {
        try await withProxiedClient { client, proxy, _ in
            let value = ByteBuffer(repeating: 0x78, count: 100_000)
            try await client.set("key", to: value)
            for length in [24, 28, 1_000, 100_027] {
                proxy.inject(.truncate(to: length), opcodes: [0x00])
                #expect(try await client.get("key")?.value == value)
            }
            #expect(proxy.counts.faults[.truncate] == 4 && proxy.counts.connectionsAccepted == 5)
        }
    }

    @Test func `a task that is cancelled during an operation leaves the connection in step`() async throws {
        try await withProxiedClient { client, proxy, _ in
            try await client.set("first", to: "first")
            try await client.set("second", to: "second")
            proxy.pauseResponses()
            let task = Task { try await client.get("first", as: String.self) }
            while client.status.servers[0].requestsInFlight < 1 { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            let result = await task.result
            #expect(throws: MemcachedError.self) { try result.get() }
            proxy.resumeResponses()
            #expect(try await client.get("second", as: String.self) == "second")
            #expect(proxy.counts.connectionsAccepted == 1)
        }
    }

    @Test func `one server's rubbish is an error, and the other server's items can still be read`() async throws {
        try await withTwoServers { client, proxies, keys in
            proxies[0].plan = FaultPlan([.init(.text("CLIENT_ERROR rubbish\r\n"))])
            let error = await failure { () async throws(MemcachedError) in try await client.get(keys) }
            #expect(error != nil && error?.server == client.servers[0].label)
            let found = await readWhatCanBeRead(client, keys)
            #expect(found == Set(keys.filter { client.server(of: $0) == client.servers[1] }))
        }
    }

    @Test func `a connection whose stream cannot be trusted is closed`() async throws {
        try await withProxiedClient { client, proxy, server in
            try await client.set("key", to: "value")
            proxy.inject(.wrongOpaque)
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .protocolViolation)
            #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(client.counters.poisoned == 1 && proxy.counts.connectionsAccepted == 2)
        }
    }

    @Test func `a port where nobody listens is a failure and not a miss, each time`() async throws {
        let server = try await MemcachedProcess.start()
        let address = server.address
        await server.stop()
        let client = try MemcachedClient(MemcachedConfiguration(address))
        for _ in 0..<2 {
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .connectionFailed && error?.outcome == .notSent)
        }
    }

    @Test func `every operation has a timeout of its own`() async throws {
        try await withProxiedClient { client, proxy, _ in
            let cas = try #require(try await client.set("key", to: bytes("1")))
            proxy.pauseResponses()
            let soon = Duration.milliseconds(100)
            let errors = [
                await failure { () async throws(MemcachedError) in
                    try await client.set("key", to: bytes("2"), ifUnchangedSince: cas, timeout: soon)
                },
                await failure { () async throws(MemcachedError) in try await client.get("key", timeout: soon) },
                await failure { () async throws(MemcachedError) in try await client.get(["key"], timeout: soon) },
                await failure { () async throws(MemcachedError) in try await client.increment("key", timeout: soon) },
                await failure { () async throws(MemcachedError) in try await client.stats(timeout: soon) },
                await failure { () async throws(MemcachedError) in try await client.version(timeout: soon) },
            ]
            #expect(errors.allSatisfy { $0?.code == .timeout && $0?.outcome != .rejected })
            proxy.resumeResponses()
            // Each was carried out or not, as its error says, and the connection has stayed in step.
            let number = try await client.get("key", as: Int.self)
            #expect((1...3).contains(number ?? 0))
            #expect(proxy.counts.connectionsAccepted == 1)
        }
    }
}

/// Runs a client against two servers behind proxies, with 200 items on them.
func withTwoServers(
    _ body: (MemcachedClient, [FaultProxy], [MemcachedKey]) async throws -> Void
) async throws {
    try await withMemcached { first in
        try await withMemcached { second in
            try await withFaultProxy(upstream: first.address) { proxy in
                try await withFaultProxy(upstream: second.address) { other in
                    let client = try MemcachedClient(MemcachedConfiguration(proxy.address, other.address))
                    let keys = (0..<200).map { MemcachedKey("two servers \($0)") }
                    for key in keys { try await client.set(key, to: "\(key)") }
                    try await body(client, [proxy, other], keys)
                }
            }
        }
    }
}

/// The keys that can be read although a server fails.
func readWhatCanBeRead(_ client: MemcachedClient, _ keys: [MemcachedKey]) async -> Set<MemcachedKey> {
    var found: Set<MemcachedKey> = []
    guard let sequence = try? client.items(for: keys) else { return found }
    var iterator = sequence.makeAsyncIterator()
    while true {
        do throws(MemcachedError) {
            guard let (key, item) = try await iterator.next() else { return found }
            if item.text == "\(key)" { found.insert(key) }
        } catch {
            // Goes on with the keys of the other servers.
            continue
        }
    }
}
