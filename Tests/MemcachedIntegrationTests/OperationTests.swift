import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Every verb once against a real memcached, with its documented answers.
@Suite struct OperationTests {
    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func `a value comes back with flags and CAS and a miss is nil`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.get("absent") == nil)
            let cas = try await client.set("key", to: bytes("value"), flags: 0xDEAD_BEEF)
            let item = try #require(try await client.get("key"))
            #expect(item.text == "value")
            #expect(item.flags == 0xDEAD_BEEF)
            #expect(item.cas != nil && item.cas == cas)
            await client.shutdown()
        }
    }

    @Test func `an empty value is not a miss`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("empty", to: "")
            #expect(try await client.get("empty", as: String.self) == "")
        }
    }

    @Test func `keys of any bytes and of 250 bytes work`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let keys = [
                MemcachedKey(bytes: [0x00, 0x0A, 0x20, 0xFF]), MemcachedKey(String(repeating: "k", count: 250)),
                "schlüssel mit Leerzeichen", "日本語",
            ]
            for (number, key) in keys.enumerated() { try await client.set(key, to: "\(number)") }
            let found = try await client.get(keys)
            for (number, key) in keys.enumerated() { #expect(found[key]?.text == "\(number)") }
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 251)])
    func `a key of a wrong length is refused before anything is sent`(key: String) async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let error = await failure { () async throws(MemcachedError) in try await client.get(MemcachedKey(key)) }
            #expect(error?.code == .invalidKey)
            #expect(error?.outcome == .notSent)
            #expect(client.counters.connections == 0)
        }
    }

    @Test func `the namespace counts towards the key and stands before it on the wire`() async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.namespace = "app:"
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value")
            let plain = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await plain.get("app:key", as: String.self) == "value")
            let long = MemcachedKey(String(repeating: "k", count: 247))
            #expect(
                await failure { () async throws(MemcachedError) in try await client.get(long) }?.code == .invalidKey
            )
        }
    }

    @Test func `add and replace say what they found`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.replace("key", with: bytes("x")) == .notFound)
            let added = try await client.add("key", bytes("one"))
            #expect(added.isStored)
            #expect(try await client.add("key", bytes("two")) == .exists)
            let replaced = try await client.replace("key", with: bytes("three"), flags: 7)
            #expect(replaced.isStored && replaced.cas != added.cas)
            #expect(try await client.get("key")?.flags == 7)
        }
    }

    @Test func `a store with a CAS changes only what was read`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let first = try #require(try await client.set("key", to: bytes("1")))
            let second = try await client.set("key", to: bytes("2"), ifUnchangedSince: first)
            #expect(second.isStored)
            #expect(try await client.set("key", to: bytes("3"), ifUnchangedSince: first) == .exists)
            #expect(try await client.replace("key", with: bytes("3"), ifUnchangedSince: first) == .exists)
            #expect(try await client.append(bytes("!"), to: "key", ifUnchangedSince: first) == .exists)
            #expect(try await client.delete("key", ifUnchangedSince: first) == .exists)
            #expect(try await client.get("key", as: String.self) == "2")
            let current = try #require(second.cas)
            #expect(try await client.delete("key", ifUnchangedSince: current) == .deleted)
            #expect(try await client.delete("key", ifUnchangedSince: current) == .notFound)
            #expect(try await client.set("key", to: bytes("3"), ifUnchangedSince: current) == .notFound)
        }
    }

    @Test func `append and prepend extend what is there and nothing else`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.append(bytes("x"), to: "key") == .notStored)
            #expect(try await client.prepend(bytes("x"), to: "key") == .notStored)
            try await client.set("key", to: bytes("b"), flags: 3)
            #expect(try await client.append(bytes("c"), to: "key").isStored)
            #expect(try await client.prepend(bytes("a"), to: "key").isStored)
            let item = try #require(try await client.get("key"))
            #expect(item.text == "abc")
            #expect(item.flags == 3)
        }
    }

    @Test func `counters count in 64 bits and begin only when told to`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.increment("n") == nil)
            #expect(try await client.get("n") == nil)
            #expect(try await client.increment("n", by: 5, initial: 1) == 1)
            #expect(try await client.increment("n", by: 1 << 33) == (1 << 33) + 1)
            #expect(try await client.decrement("n", by: .max) == 0)
            #expect(try await client.decrement("other", by: 2, initial: 9) == 9)
            #expect(try await client.decrement("other", by: 2) == 7)
            try await client.set("text", to: "abc")
            let error = await failure { () async throws(MemcachedError) in try await client.increment("text") }
            #expect(error?.code == .nonNumericValue)
            #expect(error?.outcome == .rejected)
            try await client.set("max", to: "\(UInt64.max)")
            #expect(try await client.increment("max", by: 2) == 1)
        }
    }

    @Test func `touch and get and touch say whether the item is there`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.touch("key", expiring: .never) == false)
            #expect(try await client.getAndTouch("key", expiring: .never) == nil)
            let cas = try await client.set("key", to: bytes("v"), flags: 9)
            #expect(try await client.touch("key", expiring: .after(.seconds(100))))
            let item = try #require(try await client.getAndTouch("key", expiring: .after(.seconds(100))))
            #expect(item.text == "v" && item.flags == 9 && item.cas == cas)
            #expect(try await client.touch("key", expiring: .after(.zero)))
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `delete says whether there was one`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.delete("key") == false)
            try await client.set("key", to: "v")
            #expect(try await client.delete("key"))
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `multi get finds what is there among many windows of keys`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let keys = (0..<1_000).map { MemcachedKey("key:\($0)") }
            for (number, key) in keys.enumerated() where number.isMultiple(of: 3) {
                try await client.set(key, to: "value of key:\(number)")
            }
            let found = try await client.get(keys + keys.prefix(10))
            #expect(found.count == 334)
            for (number, key) in keys.enumerated() {
                #expect(found[key]?.text == (number.isMultiple(of: 3) ? "value of key:\(number)" : nil))
            }
            #expect(try await client.get([MemcachedKey]()).isEmpty)
        }
    }

    @Test func `version, noop, stats and flush reach the server`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await client.version().values.allSatisfy { $0.hasPrefix("1.") })
            try await client.noop()
            try await client.set("key", to: "v")
            let stats = try await client.stats()
            #expect(stats.values.first?.integer("curr_items") == 1)
            #expect(stats.values.first?["pid"] == server.processIdentifier.map { "\($0)" })
            let settings = try #require(try await client.stats(.settings).values.first)
            #expect(settings.integer("item_size_max") == 1 << 20)
            #expect(settings.flag("cas_enabled") == true)
            #expect(settings["no such thing"] == nil && settings.number("evictions") == nil)
            let error = await failure { () async throws(MemcachedError) in
                try await client.stats(.init("no-such-group"))
            }
            #expect(error?.code == .invalidArgument)
            try await client.flush()
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `large values go both ways`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            for size in [16_383, 16_384, 16_385, 200_000, 1_000_000] {
                let value = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) })
                try await client.set("large", to: value)
                #expect(try await client.get("large")?.value == value)
            }
            let error = await failure { () async throws(MemcachedError) in
                try await client.set("large", to: ByteBuffer(repeating: 0, count: 2 << 20))
            }
            #expect(error?.code == .valueTooLarge)
            #expect(error?.outcome == .rejected)
            // memcached removes the old value of a SET that is too large.
            #expect(try await client.get("large") == nil)
        }
    }

    @Test func `a flush that the server forbids is a typed error and the connection lives`() async throws {
        try await withMemcached(.init(arguments: ["-F"])) { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(
                await failure { () async throws(MemcachedError) in try await client.flush() }?.code == .notPermitted
            )
            try await client.noop()
            #expect(client.counters.connections == 1)
        }
    }

    @Test func `a unix socket and IPv6 work as TCP does`() async throws {
        for options in [MemcachedProcess.Options(unixSocket: true), MemcachedProcess.Options(host: "::1")] {
            try await withMemcached(options) { server in
                let client = try MemcachedClient(MemcachedConfiguration(server))
                try await client.set("key", to: "value")
                #expect(try await client.get("key", as: String.self) == "value")
            }
        }
    }

    @Test func `several servers each hold their keys`() async throws {
        try await withMemcached { first in
            try await withMemcached { second in
                var configuration = MemcachedConfiguration(first, second)
                let client = try MemcachedClient(configuration)
                let keys = (0..<200).map { MemcachedKey("spread:\($0)") }
                for key in keys { try await client.set(key, to: "\(key)") }
                let found = try await client.get(keys)
                #expect(found.count == 200)
                for key in keys {
                    #expect(found[key]?.text == "\(key)")
                    configuration.servers = [client.server(of: key)]
                    #expect(try await MemcachedClient(configuration).get(key) != nil)
                }
                #expect(Set(keys.map { client.server(of: $0) }).count == 2)
                #expect(try await client.version().count == 2)
            }
        }
    }
}
