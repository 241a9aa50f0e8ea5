import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Batches against a real memcached: an outcome for each key, bounded windows, neighbours that are not held up.
@Suite struct BatchTests {
    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func `setMany, deleteMany, touchMany and incrementMany give an outcome for each key`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let items = Dictionary(uniqueKeysWithValues: (0..<500).map { (MemcachedKey("k\($0)"), bytes("v\($0)")) })
            let stored = try await client.setMany(items, flags: 5)
            #expect(stored.outcomes.count == 500 && stored.failures.isEmpty)
            let read = try await client.get(items.keys)
            #expect(read.count == 500 && read.allSatisfy { $0.value.value == items[$0.key] && $0.value.flags == 5 })

            let keys: [MemcachedKey] = ["k1", "absent", "k2"]
            let touched = try await client.touchMany(keys, expiring: .after(.seconds(50))).get()
            #expect(touched == ["k1": true, "absent": false, "k2": true])
            let refreshed = try await client.getAndTouch(keys, expiring: .never)
            #expect(refreshed.mapValues(\.text) == ["k1": "v1", "k2": "v2"])
            let deleted = try await client.deleteMany(keys).get()
            #expect(deleted == ["k1": true, "absent": false, "k2": true])
            #expect(try await client.get(keys).isEmpty)

            let counters: [MemcachedKey] = ["n1", "n2", "k3"]
            let begun = try await client.incrementMany(counters, initial: 7)
            #expect(begun["n1"] == .success(7) && begun["n2"] == .success(7))
            #expect(begun.failures["k3"]?.code == .nonNumericValue)
            let counted = try await client.incrementMany(["n1", "none"], by: 3).get()
            #expect(counted == ["n1": 10, "none": nil])
        }
    }

    @Test func `an item too large fails alone in its batch`() async throws {
        try await withMemcached { server in
            for limit in [MemcachedConfiguration.Item.serverDecides, .asServerSays, .bytes(1 << 20)] {
                var configuration = MemcachedConfiguration(server)
                configuration.limits.item = limit
                let client = try MemcachedClient(configuration)
                let items: [MemcachedKey: ByteBuffer] = [
                    "small": bytes("v"), "large": ByteBuffer(repeating: 1, count: 1_100_000), "other": bytes("w"),
                ]
                if limit == .bytes(1 << 20) {
                    let error = await failure { () async throws(MemcachedError) in try await client.setMany(items) }
                    #expect(error?.code == .valueTooLarge && error?.outcome == .notSent)
                } else {
                    let batch = try await client.setMany(items)
                    #expect(batch.failures.mapValues(\.code) == ["large": .valueTooLarge])
                    #expect(batch.failures["large"]?.outcome == (limit == .asServerSays ? .notSent : .rejected))
                }
            }
        }
    }

    @Test func `a known limit spares the old value that a SET too large would remove`() async throws {
        try await withMemcached(.init(arguments: ["-I", "2m"])) { server in
            var configuration = MemcachedConfiguration(server)
            configuration.limits.item = .asServerSays
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: ByteBuffer(repeating: 1, count: 1_500_000))
            let error = await failure { () async throws(MemcachedError) in
                try await client.set("key", to: ByteBuffer(repeating: 2, count: 2_100_000))
            }
            #expect(error?.code == .valueTooLarge && error?.outcome == .notSent)
            #expect(try await client.get("key")?.value.readableBytes == 1_500_000)
        }
    }

    @Test func `items yields every hit and a consumer that stops leaves nothing behind`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let keys = (0..<1_000).map { MemcachedKey("s\($0)") }
            let items = Dictionary(uniqueKeysWithValues: keys.prefix(900).map { ($0, bytes("\($0)")) })
            _ = try await client.setMany(items).get()
            var seen: Set<MemcachedKey> = []
            for try await (key, item) in try client.items(for: keys) {
                #expect(item.text == "\(key)")
                seen.insert(key)
            }
            #expect(seen == Set(keys.prefix(900)))
            var first: MemcachedKey?
            for try await (key, _) in try client.items(for: keys) {
                first = key
                break
            }
            #expect(first != nil)
            // A window at most was read for the consumer that stopped.
            let gets = try await server.stat("cmd_get")
            #expect(gets <= 1_000 + BatchWindow.keys)
        }
    }

    /// The answer that closes the window never comes, so what is yielded was yielded before it, and of a key that was
    /// not answered nobody knows whether it is a miss.
    @Test func `items are yielded as they arrive, and what is missing is told behind them`() async throws {
        let server = try await FakeMemcachedServer.start(script: { request in
            request.frame.opcode == 0x0a ? [.perform] : [.answer]
        })
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server.address)])
        configuration.timeouts.operation = .seconds(60)
        let client = try MemcachedClient(configuration)
        let keys = (0..<50).map { MemcachedKey("arrives:\($0)") }
        for key in keys { try await client.set(key, to: "\(key)") }
        var seen: [MemcachedKey] = []
        var error: MemcachedError?
        do throws(MemcachedError) {
            for try await (key, item) in try client.items(for: keys + ["miss"], timeout: .seconds(5)) {
                #expect(item.text == "\(key)")
                seen.append(key)
            }
        } catch let failure {
            error = failure
        }
        #expect(seen == keys)
        #expect(error?.code == .timeout)
        await server.stop()
    }

    @Test func `a cancelled consumer of items is told so at once`() async throws {
        let server = try await FakeMemcachedServer.start(script: { request in
            request.frame.opcode == 0x0a ? [.perform] : [.answer]
        })
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server.address)])
        configuration.timeouts.operation = .seconds(600)
        let client = try MemcachedClient(configuration)
        try await client.set("key", to: "value")
        let (taken, signal) = AsyncStream.makeStream(of: Void.self)
        let consumer = Task { () -> MemcachedError? in
            do throws(MemcachedError) {
                for try await _ in try client.items(for: ["key", "miss"]) { signal.yield() }
                return nil
            } catch {
                return error
            }
        }
        for await _ in taken { break }
        consumer.cancel()
        #expect(await consumer.value?.code == .cancelled)
        await server.stop()
    }

    @Test func `a consumer that is slow holds one window of items and no more`() async throws {
        try await withMemcached(.init(arguments: ["-m", "256"])) { server in
            var configuration = MemcachedConfiguration(server)
            configuration.timeouts.operation = .seconds(60)
            let client = try MemcachedClient(configuration)
            let keys = (0..<2_000).map { MemcachedKey("slow:\($0)") }
            let value = ByteBuffer(repeating: 1, count: 10_000)
            let items = Dictionary(uniqueKeysWithValues: keys.map { ($0, value) })
            _ = try await client.setMany(items).get()
            var taken = 0
            for try await (_, item) in try client.items(for: keys) {
                #expect(item.value == value)
                taken += 1
                guard taken.isMultiple(of: 500) else { continue }
                // What the server was asked for is what was taken and the window that is being taken.
                let asked = try await server.stat("cmd_get")
                #expect(asked <= taken + BatchWindow.keys)
            }
            #expect(taken == keys.count)
        }
    }

    @Test func `a batch of values larger than every socket buffer neither hangs nor mixes values`() async throws {
        try await withMemcached(.init(arguments: ["-m", "256"])) { server in
            var configuration = MemcachedConfiguration(server)
            configuration.timeouts.operation = .seconds(60)
            let client = try MemcachedClient(configuration)
            let keys = (0..<60).map { MemcachedKey("big:\($0)") }
            func value(_ number: Int) -> ByteBuffer { ByteBuffer(repeating: UInt8(number), count: 900_000) }
            let items = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, value($0)) })
            #expect(try await client.setMany(items).failures.isEmpty)
            let read = try await client.get(keys)
            #expect(read.count == 60)
            for (number, key) in keys.enumerated() { #expect(read[key]?.value == value(number)) }
        }
    }

    @Test func `a neighbour is served while a hundred thousand keys are read`() async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.timeouts.operation = .seconds(300)
            let client = try MemcachedClient(configuration)
            try await client.set("neighbour", to: "here")
            let keys = (0..<100_000).map { MemcachedKey("mass:\($0)") }
            async let batch = client.get(keys)
            try await eventually("the batch has begun") { try await server.stat("cmd_get") > 0 }
            // The server answers in order. Were the batch sent as one, it would have read all of it before the first
            // neighbour; as it is, hundreds of neighbours have their answers before it has read the last key.
            var served = 0
            while true {
                #expect(try await client.get("neighbour", as: String.self) == "here")
                guard try await server.stat("cmd_get") < keys.count else { break }
                served += 1
            }
            #expect(try await batch.isEmpty)
            print("\(served) neighbours before the last key")
            #expect(served > 20)
            #expect(client.counters.connections == 1)
        }
    }
}

/// What the tests know of the windows of a batch.
private enum BatchWindow {
    static let keys = 128
}
