import Memcached
import MemcachedTestSupport
import Testing

/// Cases 122, 129 to 133, 136, 138, 139: servers that go and come back.
@Suite struct ReconnectCaseTests {
    private func isAnswered(_ client: MemcachedClient) async throws -> Bool {
        try await comesTrue { await failure { () async throws(MemcachedError) in try await client.noop() } == nil }
    }

    @Test func `a stopped server is a failure, and works again after the pause when it is back`() async throws {
        try await withClient { client, server in
            try await client.set("key", to: "value")
            await server.kill()
            var codes: Set<MemcachedError.Code> = []
            for _ in 0..<20 {
                let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                if let error { codes.insert(error.code) }
            }
            #expect(codes.isSubset(of: [.connectionFailed, .connectionLost, .serverDown]))
            #expect(codes.contains(.connectionFailed) && codes.contains(.serverDown))
            try await server.restart()
            #expect(try await isAnswered(client))
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test func `a server that restarts, or closes what is idle, is reached again without an error`() async throws {
        try await withClient(.init(arguments: ["-o", "idle_timeout=1"])) { client, server in
            try await client.set("key", to: "value")
            #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
            #expect(try await client.get("key", as: String.self) == "value")
            try await server.restart()
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `when one of two servers dies the keys of the other one are all there`() async throws {
        try await withTwoServers { client, proxies, keys in
            try await proxies[0].setAcceptMode(.refuse)
            proxies[0].closeConnections()
            let dead = Set(keys.filter { client.server(of: $0) == client.servers[0] })
            let found = await readWhatCanBeRead(client, keys)
            #expect(found == Set(keys).subtracting(dead))
            let batch = try await client.touchMany(keys, expiring: .never)
            #expect(Set(batch.failures.keys) == dead)
            #expect(batch.failures.values.allSatisfy { $0.server == client.servers[0].label })
            // All servers are asked, and one that does not answer is not left out silently.
            #expect(await failure { () async throws(MemcachedError) in try await client.stats() } != nil)
            try await proxies[0].setAcceptMode(.forward)
            #expect(try await isAnswered(client))
            #expect(try await client.get(keys).count == 200)
        }
    }

    @Test func `a server that is down is left alone for a while`() async throws {
        try await withClient(.init(), ClientSettings(pause: .milliseconds(500))) { client, server in
            try await client.set("key", to: "value")
            let began = ContinuousClock.now
            await server.kill()
            for _ in 0..<200 {
                _ = await failure { () async throws(MemcachedError) in try await client.get("key") }
            }
            // After three attempts the server is down; at least a quarter of a second lies between two of the others.
            let failed = client.counters.failedConnections
            #expect((1...(4 + Int((ContinuousClock.now - began) / .milliseconds(250)))).contains(failed))
            try await server.restart()
            #expect(try await isAnswered(client))
        }
    }

    @Test func `a client whose connections were all cut makes new ones by itself`() async throws {
        try await withProxiedClient { client, proxy, server in
            try await client.set("key", to: "value")
            for _ in 0..<5 {
                proxy.closeConnections()
                #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
                #expect(try await client.get("key", as: String.self) == "value")
            }
            #expect(proxy.counts.connectionsAccepted == 6)
        }
    }

    @Test func `when no server is left everything fails, and the first that is back is used`() async throws {
        try await withTwoServers { client, proxies, keys in
            for proxy in proxies {
                try await proxy.setAcceptMode(.refuse)
                proxy.closeConnections()
            }
            let batch = try await client.touchMany(keys, expiring: .never)
            #expect(batch.failures.count == 200)
            try await proxies[1].setAcceptMode(.forward)
            let mine = Set(keys.filter { client.server(of: $0) == client.servers[1] })
            #expect(try await comesTrue { await readWhatCanBeRead(client, keys) == mine })
        }
    }

    @Test func `a read whose connection is cut is tried once more, and a write is not`() async throws {
        try await withProxiedClient { client, proxy, server in
            try await client.set("key", to: "value")
            proxy.inject(.close, opcodes: [0x00])
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await server.stat("cmd_get") == 2)
            proxy.inject(.close, opcodes: [0x01])
            let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "other") }
            #expect(error?.code == .connectionLost && error?.outcome == .unknown)
            #expect(try await server.stat("cmd_set") == 2)
        }
    }

    @Test func `among a thousand keys the two that were deleted are missing, and a closed port is an error`()
        async throws
    {
        try await withClient { client, server in
            let keys = (0..<1_000).map { MemcachedKey("partial \($0)") }
            let items = Dictionary(uniqueKeysWithValues: keys.map { ($0, bytes("\($0)")) })
            #expect(try await client.setMany(items).failures.isEmpty)
            #expect(try await client.deleteMany([keys[5], keys[500]]).get().values.allSatisfy { $0 })
            let found = try await client.get(keys)
            #expect(Set(found.keys) == Set(keys).subtracting([keys[5], keys[500]]))
            await server.stop()
            let error = await failure { () async throws(MemcachedError) in try await client.get(keys) }
            #expect(error.map { [.connectionLost, .connectionFailed, .serverDown].contains($0.code) } ?? false)
        }
    }

    @Test func `shutdown waits for what was sent, and says of the rest that it was not`() async throws {
        try await withClient { (client, server) async throws in
            let outcomes = await withTaskGroup(of: MemcachedError?.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        await failure { () async throws(MemcachedError) in
                            try await client.set("queued \(number)", to: "value")
                        }
                    }
                }
                group.addTask {
                    await client.shutdown(within: .seconds(60))
                    return nil
                }
                return await group.reduce(into: [MemcachedError?]()) { $0.append($1) }
            }
            let refused = outcomes.compactMap(\.self)
            #expect(refused.allSatisfy { $0.code == .clientShutDown && $0.outcome == .notSent })
            // One of the outcomes is the shutdown's own.
            #expect(try await server.stat("curr_items") == outcomes.count - 1 - refused.count)
            let later = await failure { () async throws(MemcachedError) in try await client.get("queued 1") }
            #expect(later?.code == .clientShutDown)
        }
    }
}
