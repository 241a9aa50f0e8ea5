import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// A server, proxy or network that misbehaves: nobody may get wrong bytes, wait beyond the deadline, or stay cut off.
@Suite struct IntegrityTests {
    /// Faults after which the stream cannot be trusted: the connection has to go.
    private static let poisons: [Fault] = [
        .wrongOpaque, .wrongOpcode, .wrongMagic(0x80), .wrongMagic(0x00), .wrongKeyLength, .wrongExtrasLength,
        .duplicate, .replay, .reorder(within: .milliseconds(200)), .announceHugeBody,
        .text("END\r\n"), .text("ERROR Too many open connections\r\n"),
    ]

    /// Faults that only end the stream.
    private static let cuts: [Fault] = [
        .truncate(to: 10), .truncate(to: 23), .truncate(to: 24), .truncate(to: 30), .close, .reset, .halfClose,
    ]

    /// Faults that change when and how bytes arrive, and nothing else.
    private static let harmless: [Fault] = [
        .split(at: 1), .split(at: 24), .split(at: nil), .trickle, .coalesce(.milliseconds(20)),
        .delay(.milliseconds(1) ... .milliseconds(10)), .stall(.milliseconds(50)),
    ]

    private func withClient(
        operation: Duration = .seconds(60),
        _ body: (MemcachedClient, FaultProxy, MemcachedProcess) async throws -> Void
    ) async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address, seed: 7) { proxy in
                var configuration = patientConfiguration(proxy.address)
                configuration.timeouts.operation = operation
                let client = try MemcachedClient(configuration)
                for number in 0..<40 { try await client.set(Self.key(number), to: Self.value(number)) }
                try await body(client, proxy, server)
            }
        }
    }

    private func patientConfiguration(_ address: TestServerAddress) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        return configuration
    }

    private static func key(_ number: Int) -> MemcachedKey { "integrity:\(number)" }
    private static func value(_ number: Int) -> String { "value of integrity:\(number)" }

    /// Reads all keys at once; what is answered has to be right.
    private func readAll(_ client: MemcachedClient) async -> [MemcachedError] {
        await withTaskGroup(of: MemcachedError?.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do throws(MemcachedError) {
                        let text = try await client.get(Self.key(number), as: String.self)
                        #expect(text == Self.value(number))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
        }
    }

    @Test(arguments: poisons)
    func `a response that does not fit closes the connection and reaches nobody`(fault: Fault) async throws {
        try await withClient { client, proxy, _ in
            let before = client.counters
            proxy.inject(FaultPlan.Rule(fault, skipping: 3, limit: 1))
            let errors = await readAll(client)
            let allowed: [MemcachedError.Code] = [
                .protocolViolation, .responseTooLarge, .timeout, .connectionLost, .notBinaryProtocol,
            ]
            #expect(errors.allSatisfy { allowed.contains($0.code) && $0.outcome != .rejected })
            #expect(proxy.counts.faults[fault.kind] == 1)
            // Afterwards all is well again, on another connection.
            #expect(await readAll(client).isEmpty)
            let after = client.counters
            #expect(after.connections == before.connections + 1)
            if fault.kind != .announceHugeBody { #expect(after.poisoned == before.poisoned + 1) }
        }
    }

    @Test(arguments: cuts)
    func `a stream that ends in the middle is an error or read again and never a value`(fault: Fault) async throws {
        try await withClient { client, proxy, _ in
            proxy.inject(FaultPlan.Rule(fault, skipping: 3, limit: 1))
            // A read whose connection was lost is tried once more, so there may be no error at all.
            let errors = await readAll(client)
            #expect(errors.allSatisfy { $0.code == .connectionLost && $0.outcome == .unknown })
            #expect(proxy.counts.faults[fault.kind] == 1)
            #expect(await readAll(client).isEmpty)
            #expect(client.counters.connections == 2)
            #expect(client.counters.poisoned == 0)
        }
    }

    @Test(arguments: harmless)
    func `bytes that come late or in pieces change nothing`(fault: Fault) async throws {
        try await withClient { client, proxy, _ in
            proxy.plan = FaultPlan([.init(fault)])
            #expect(await readAll(client).isEmpty)
            #expect(proxy.counts.faults[fault.kind, default: 0] > 0)
            #expect(client.counters.connections == 1)
        }
    }

    @Test func `a body announced one byte too long is never handed over`() async throws {
        try await withClient { client, proxy, _ in
            proxy.inject(FaultPlan.Rule(.wrongBodyLength, skipping: 3, limit: 1))
            let errors = await readAll(client)
            #expect(!errors.isEmpty)
            #expect(await readAll(client).isEmpty)
        }
    }

    @Test func `a lost reply leaves the outcome of a write unknown and nothing is sent twice`() async throws {
        try await withClient { client, proxy, server in
            try await client.set("counter", to: "10")
            proxy.inject(.close, opcodes: [0x05])
            let error = await failure { () async throws(MemcachedError) in try await client.increment("counter") }
            #expect(error?.code == .connectionLost && error?.outcome == .unknown)
            // The server counted once.
            #expect(try await client.get("counter", as: String.self) == "11")
            proxy.inject(.close, opcodes: [0x02])
            let lost = await failure { () async throws(MemcachedError) in
                try await client.add("lock", ByteBuffer(string: "mine"))
            }
            #expect(lost?.outcome == .unknown)
            #expect(try await client.get("lock", as: String.self) == "mine")
            #expect(try await server.stat("cmd_set") == 42)
        }
    }

    @Test func `a claim whose answer is lost finds out by itself`() async throws {
        try await withClient { client, proxy, _ in
            let token = ByteBuffer(string: "owner 1")
            proxy.inject(.close, opcodes: [0x02])
            guard case .claimed = try await client.claim("claimed", with: token, expiring: .after(.seconds(100))) else {
                Issue.record("the claim was carried out and is not known to be")
                return
            }
            proxy.inject(.close, opcodes: [0x02])
            let other = ByteBuffer(string: "owner 2")
            let second = try await client.claim("claimed", with: other, expiring: .after(.seconds(100)))
            #expect(second == .taken)
            #expect(try await client.claim("claimed", with: other, expiring: .after(.seconds(100))) == .taken)
        }
    }

    @Test func `a server that is silent for a while ends an operation at its deadline, and costs no connection`()
        async throws
    {
        try await withClient { client, proxy, _ in
            proxy.pauseResponses()
            let error = await failure { () async throws(MemcachedError) in
                try await client.get("integrity:1", timeout: .seconds(1))
            }
            #expect(error?.code == .timeout && error?.outcome == .unknown)
            #expect(client.counters.tombstones == 1)
            proxy.resumeResponses()
            #expect(await readAll(client).isEmpty)
            #expect(client.counters.lateResponsesDropped == 1)
            #expect(client.counters.connections == 1)
        }
    }

    @Test func `a server that is silent ends operations at their deadline and the connection soon after`() async throws
    {
        try await withClient(operation: .seconds(4)) { client, proxy, _ in
            proxy.inject(.dropRest)
            let silent = await failure { () async throws(MemcachedError) in
                try await client.get("integrity:1", timeout: .seconds(1))
            }
            #expect(silent?.code == .timeout)
            // After the usual timeout nobody trusts the connection any more, and another one is made.
            var reads = await readAll(client)
            for _ in 0..<20 where !reads.isEmpty {
                #expect(reads.allSatisfy { $0.code == .connectionLost || $0.code == .timeout })
                reads = await readAll(client)
            }
            #expect(reads.isEmpty)
            #expect(client.counters.connections == 2)
        }
    }

    @Test func `a busy server is asked again for a read and not for a write`() async throws {
        try await withClient { client, proxy, _ in
            proxy.inject(.status(0x86, "Temporary failure"), opcodes: [0x00])
            proxy.inject(.status(0x85, "Busy"), opcodes: [0x00])
            let text = try await client.get("integrity:1", as: String.self)
            #expect(text == Self.value(1))
            proxy.inject(.status(0x86, "Temporary failure"), opcodes: [0x05])
            let error = await failure { () async throws(MemcachedError) in try await client.increment("n", initial: 1) }
            #expect(error?.code == .temporaryFailure && error?.outcome == .rejected)
            proxy.inject(.status(0x82, "Out of memory"), opcodes: [0x01])
            let full = await failure { () async throws(MemcachedError) in try await client.set("n", to: "1") }
            #expect(full?.code == .outOfMemory)
        }
    }

    @Test func `an unknown command ends the connection because the server swallows what follows`() async throws {
        try await withClient { client, proxy, _ in
            proxy.inject(.status(0x81, "Unknown command"), opcodes: [0x1D])
            let error = await failure { () async throws(MemcachedError) in
                try await client.getAndTouch("integrity:1", expiring: .never)
            }
            #expect(error?.code == .unknownCommand && error?.outcome == .rejected)
            #expect(await readAll(client).isEmpty)
            #expect(client.counters.connections == 2)
        }
    }

    @Test func `a server without CAS is reported when CAS is asked for`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.set("key", to: "value") == nil)
            #expect(try await client.get("key")?.cas == nil)
            let cas = try #require(MemcachedCAS(rawValue: 1))
            let error = await failure { () async throws(MemcachedError) in
                try await client.replace("key", with: ByteBuffer(string: "other"), ifUnchangedSince: cas)
            }
            #expect(error?.code == .casUnavailable)
        }
    }

    @Test func `a conditional delete or counter is refused with the reason on a server without CAS`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let cas = try #require(MemcachedCAS(rawValue: 1))
            try await client.set("key", to: "value")
            try await client.set("counter", to: 5)
            let errors = [
                await failure { () async throws(MemcachedError) in
                    try await client.delete("key", ifUnchangedSince: cas)
                },
                await failure { () async throws(MemcachedError) in
                    try await client.increment("counter", ifUnchangedSince: cas)
                },
                await failure { () async throws(MemcachedError) in
                    try await client.decrement("counter", ifUnchangedSince: cas)
                },
            ]
            for error in errors {
                #expect(error?.code == .casUnavailable && error?.outcome == .rejected)
                #expect(error?.server == server.address.description)
            }
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await client.get("counter", as: Int.self) == 5)
            // What is not there needs no CAS to be told.
            #expect(try await client.delete("none", ifUnchangedSince: cas) == .notFound)
            #expect(try await client.increment("none", ifUnchangedSince: cas) == .notFound)
        }
    }

    @Test func `a server that keeps CAS is asked for its settings once`() async throws {
        let server = try await FakeMemcachedServer.start()
        let client = try MemcachedClient(patientConfiguration(server.address))
        let cas = try #require(try await client.set("key", to: "value"))
        try await client.set("key", to: "newer")
        for _ in 0..<3 { #expect(try await client.delete("key", ifUnchangedSince: cas) == .exists) }
        #expect(server.counts.requests[0x10] == 1)
        await server.stop()
    }

    @Test func `a server that comes back with CAS is no longer taken for one without`() async throws {
        let servers = [
            try await FakeMemcachedServer.start(.init(hasCAS: false)), try await FakeMemcachedServer.start(),
        ]
        try await withFaultProxy(upstream: servers[0].address, seed: 7) { proxy in
            let client = try MemcachedClient(patientConfiguration(proxy.address))
            let stale = try #require(MemcachedCAS(rawValue: .max))
            try await client.set("key", to: "value")
            let error = await failure { () async throws(MemcachedError) in
                try await client.delete("key", ifUnchangedSince: stale)
            }
            #expect(error?.code == .casUnavailable)
            proxy.upstream = servers[1].address
            proxy.closeConnections()
            // The connection's end may be noticed with the first of these.
            _ = await failure { () async throws(MemcachedError) in try await client.get("key") }
            try await client.set("key", to: "value")
            #expect(try await client.delete("key", ifUnchangedSince: stale) == .exists)
        }
        for server in servers { await server.stop() }
    }

    @Test func `a silent server is told within the deadline under load`() async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.timeouts.operation = .seconds(120)
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value")
            try await server.suspend()
            let began = ContinuousClock.now
            let codes = await withTaskGroup(of: MemcachedError.Code?.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        await failure { () async throws(MemcachedError) in
                            try await client.get("key", timeout: .milliseconds(300))
                        }?
                        .code
                    }
                }
                return await group.reduce(into: Set<MemcachedError.Code?>()) { $0.insert($1) }
            }
            #expect(codes == [.timeout])
            // Well before what else could end them: the usual timeout.
            #expect(ContinuousClock.now - began < .seconds(30))
            try server.resume()
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }
}
