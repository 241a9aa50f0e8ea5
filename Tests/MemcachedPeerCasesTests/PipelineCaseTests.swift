import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Many requests on one connection: cases 96 to 110, 112, 115, 116.
@Suite struct PipelineCaseTests {
    @Test func `of three keys the two that are there are found`() async throws {
        try await withClient { client, _ in
            try await client.set("xx", to: "ex")
            try await client.set("wye", to: "why")
            let found = try await client.get(["xx", "wye", "zed"], as: String.self)
            #expect(found == ["xx": "ex", "wye": "why"])
        }
    }

    @Test func `the end of a client is a quiet QUIT`() async throws {
        try await withClient { client, server in
            try await client.set("key", to: "value")
            #expect(try await server.connectionCounts().current == 1)
            await client.shutdown()
            #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
            let connection = try await RawConnection.connect(to: server.address)
            try await connection.send(RawFrame(opcode: 0x17).bytes)
            #expect(try await connection.receiveToEnd() == [])
        }
    }

    @Test func `requests cut at any byte arrive whole`() async throws {
        try await withProxiedClient { client, proxy, _ in
            for cut in 2_034...2_062 {
                proxy.plan = FaultPlan([.init(.split(at: cut), to: .requests)])
                let value = ByteBuffer(repeating: UInt8(truncatingIfNeeded: cut), count: 2_048)
                async let first = client.set("alpha", to: value)
                async let second = client.set("beta", to: value)
                _ = try await (first, second)
                let found = try await client.get(["alpha", "beta"])
                #expect(found.count == 2 && found.values.allSatisfy { $0.value == value })
            }
            #expect(proxy.counts.faults[.split, default: 0] >= 58)
        }
    }

    @Test func `a key that begins another one gets its own value, in either order`() async throws {
        try await withClient { client, _ in
            let keys = ["key_0", "key_0_additional", "key_1", "key_1_additional"] as [MemcachedKey]
            for key in keys { try await client.set(key, to: "value of \(key)") }
            for order in [keys, keys.reversed()] {
                let found = try await client.get(order, as: String.self)
                for key in keys { #expect(found[key] == "value of \(key)") }
            }
        }
    }

    @Test func `results can be put into the order of the request, with gaps`() async throws {
        try await withClient { client, _ in
            let keys = ["foo", "bar", "baz", "lol", "missing"] as [MemcachedKey]
            for (number, key) in keys.dropLast().enumerated() { try await client.set(key, to: number) }
            let found = try await client.get(keys, as: Int.self)
            #expect(keys.map { found[$0] } == [0, 1, 2, 3, nil])
        }
    }

    @Test func `a thousand absent keys are no result and a thousand present ones are all found`() async throws {
        try await withClient { client, _ in
            let keys = (0..<1_024).map { MemcachedKey("key \($0)") }
            #expect(try await client.get(keys).isEmpty)
            let items = Dictionary(uniqueKeysWithValues: keys.map { ($0, bytes("\($0)")) })
            #expect(try await client.setMany(items).failures.isEmpty)
            let found = try await client.get(keys)
            #expect(found.count == 1_024 && found.allSatisfy { $0.value.text == "\($0.key)" })
        }
    }

    @Test func `twenty thousand items of a kilobyte come back without a deadlock`() async throws {
        try await withClient(.init(), ClientSettings(operation: .seconds(60))) { client, _ in
            let keys = (0..<20_480).map { MemcachedKey("\($0)_mass") }
            let items = Dictionary(
                uniqueKeysWithValues: keys.map {
                    ($0, ByteBuffer(string: "\($0)" + String(repeating: ".", count: 1_010)))
                }
            )
            #expect(try await client.setMany(items).failures.isEmpty)
            let found = try await client.get(keys)
            #expect(found.count == 20_480 && found.allSatisfy { $0.value.value == items[$0.key] })
        }
    }

    @Test func `thousands of quiet deletes that find nothing do not stop what comes next`() async throws {
        try await withClient { client, server in
            let absent = (0..<251).map { MemcachedKey("absent \($0)") }
            let outcomes = try await client.deleteMany(absent).get()
            #expect(outcomes.count == 251 && outcomes.values.allSatisfy { !$0 })
            #expect(try await client.delete("absent") == false)
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `reads of many at the same time are all right, and one of nothing asks nobody`() async throws {
        try await withClient { client, server in
            #expect(try await client.get([MemcachedKey]()).isEmpty)
            #expect(try await client.setMany([:]).outcomes.isEmpty)
            #expect(try await server.connectionCounts().opened == 0)
            let keys = (0..<100).map { MemcachedKey("test \($0)") }
            for key in keys { try await client.set(key, to: "\(key)") }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...20 {
                    group.addTask {
                        let wanted = keys.filter { $0.bytes.reduce(0) { $0 &+ Int($1) }.isMultiple(of: number) }
                        let found = try await client.get(wanted, as: String.self)
                        return found.filter { $0.value == "\($0.key)" }.count - wanted.count
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(counts == [0])
        }
    }

    @Test func `after two thousand cancelled operations the connection gives everyone his own answer`() async throws {
        try await withProxiedClient(ClientSettings(operation: .seconds(120))) { client, proxy, _ in
            for number in 0..<20 { try await client.set("k\(number)", to: "v\(number)") }
            proxy.pauseResponses()
            let tasks = (0..<4_000)
                .map { number in
                    Task { try await client.get("k\(number % 20)", as: String.self) }
                }
            #expect(try await comesTrue { proxy.counts.requestFrames == 4_020 })
            for (number, task) in tasks.enumerated() where !number.isMultiple(of: 2) { task.cancel() }
            for (number, task) in tasks.enumerated() where !number.isMultiple(of: 2) {
                await #expect(throws: MemcachedError.self) { try await task.value }
            }
            #expect(client.counters.tombstones == 2_000)
            proxy.resumeResponses()
            for (number, task) in tasks.enumerated() where number.isMultiple(of: 2) {
                #expect(try await task.value == "v\(number % 20)")
            }
            for number in 0..<20 { #expect(try await client.get("k\(number)", as: String.self) == "v\(number)") }
            #expect(client.counters.lateResponsesDropped == 2_000)
            #expect(client.counters.poisoned == 0 && proxy.counts.connectionsAccepted == 1)
        }
    }

    @Test func `an error inside a quiet batch stays with its key`() async throws {
        try await withClient { client, server in
            let outcomes = try await client.setMany([
                "a": bytes("1"), "large": ByteBuffer(repeating: 0, count: 2 << 20), "b": bytes("2"),
            ])
            #expect(outcomes.failures.mapValues(\.code) == ["large": .valueTooLarge])
            #expect(try await client.get(["a", "b", "large"], as: String.self) == ["a": "1", "b": "2"])
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `large batches are stored whole and say which deletes found nothing`() async throws {
        try await withClient(.init(), ClientSettings(operation: .seconds(60))) { client, server in
            let keys = (0..<10_000).map { MemcachedKey("p\($0)") }
            let stored = try await client.setMany(Dictionary(uniqueKeysWithValues: keys.map { ($0, bytes("\($0)")) }))
            #expect(stored.failures.isEmpty && stored.outcomes.count == 10_000)
            #expect(try await server.stat("curr_items") == 10_000)
            let deleted = try await client.deleteMany(keys + ["absent 1", "absent 2"]).get()
            #expect(deleted.values.count { $0 } == 10_000 && deleted["absent 1"] == false)
            #expect(try await server.stat("curr_items") == 0)
        }
    }

    @Test func `many at once get each their own answer`() async throws {
        try await withClient { client, server in
            for number in 0..<200 { try await client.set("own \(number)", to: number) }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2_000 {
                    group.addTask {
                        let found = try? await client.get("own \(number % 200)", as: Int.self)
                        #expect(found == number % 200)
                    }
                }
            }
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `answers that come in pieces are put together, cut at every byte`() async throws {
        try await withProxiedClient { client, proxy, _ in
            try await client.set("key", to: "value")
            // 24 bytes of header, 4 of flags, 5 of value.
            for cut in 0...33 {
                proxy.inject(.split(at: cut))
                #expect(try await client.get("key", as: String.self) == "value")
            }
            proxy.plan = FaultPlan([.init(.trickle)])
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await client.get(["key", "absent"], as: String.self) == ["key": "value"])
            #expect(proxy.counts.faults[.split] == 34 && proxy.counts.connectionsAccepted == 1)
        }
    }
}
