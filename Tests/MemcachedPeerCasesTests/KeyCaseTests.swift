import Memcached
import MemcachedTestSupport
import Testing

/// Cases 40 to 52: keys.
@Suite struct KeyCaseTests {
    @Test func `a key with blanks is stored`() async throws {
        try await withClient { client, _ in
            try await client.set("foo bar", to: "value")
            #expect(try await client.get("foo bar", as: String.self) == "value")
        }
    }

    @Test func `every byte may stand in a key, and strict keys refuse what text clients cannot name`() async throws {
        try await withClient { client, server in
            let keys = (UInt8.min...UInt8.max).map { MemcachedKey(bytes: [0x6B, $0, 0x6B]) }
            for key in keys { try await client.set(key, to: [UInt8](key.bytes)) }
            for key in keys { #expect(try await client.get(key, as: [UInt8].self) == key.bytes) }

            var strict = MemcachedConfiguration(server.address)
            strict.keys.requiresTextSafe = true
            let careful = try MemcachedClient(strict)
            for byte in [UInt8(0x00), 0x0A, 0x0D, 0x1F, 0x20, 0x7F] {
                let error = await failure { () async throws(MemcachedError) in
                    try await careful.get(MemcachedKey(bytes: [0x6B, byte]))
                }
                #expect(error?.code == .invalidKey && error?.outcome == .notSent)
            }
        }
    }

    @Test func `an empty key and a very long one are refused and the connection stays good`() async throws {
        try await withClient { client, server in
            try await client.set("key", to: "value")
            for key in [MemcachedKey(""), MemcachedKey(String(repeating: "k", count: 5_120))] {
                let error = await failure { () async throws(MemcachedError) in try await client.set(key, to: "x") }
                #expect(error?.code == .invalidKey && error?.outcome == .notSent)
            }
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test(arguments: [" ", "\n", "\r", "\0"])
    func `a key with a byte that ends a text command is found`(byte: String) async throws {
        try await withClient { client, _ in
            let key = MemcachedKey("some\(byte)key")
            try await client.set(key, to: "value")
            #expect(try await client.get(key, as: String.self) == "value")
        }
    }

    @Test func `a key with a blank is found among many`() async throws {
        try await withClient { client, _ in
            try await client.set("key with blanks", to: "1")
            try await client.set("other", to: "2")
            let found = try await client.get(["key with blanks", "absent one", "other"], as: String.self)
            #expect(found == ["key with blanks": "1", "other": "2"])
        }
    }

    @Test func `251 characters are refused before anything is sent, as single keys and among many`() async throws {
        try await withClient { client, server in
            let long = MemcachedKey(String(repeating: "k", count: 251))
            let single = await failure { () async throws(MemcachedError) in try await client.get(long) }
            let many = await failure { () async throws(MemcachedError) in try await client.get(["a", long]) }
            #expect(single?.code == .invalidKey && many?.code == .invalidKey)
            // Not shortened either.
            #expect(try await server.stat("cmd_get") == 0)
            #expect(try await server.connectionCounts().opened == 0)
            try await client.set(MemcachedKey(String(repeating: "k", count: 250)), to: "fits")
        }
    }

    @Test func `an empty key is refused by every operation`() async throws {
        try await withClient { (client, server) async throws in
            let errors = [
                await failure { () async throws(MemcachedError) in try await client.get("") },
                await failure { () async throws(MemcachedError) in try await client.add("", bytes("")) },
                await failure { () async throws(MemcachedError) in try await client.append(bytes(""), to: "") },
                await failure { () async throws(MemcachedError) in try await client.delete("") },
                await failure { () async throws(MemcachedError) in try await client.touch("", expiring: .never) },
                await failure { () async throws(MemcachedError) in try await client.increment("") },
                await failure { () async throws(MemcachedError) in try await client.decrement("", initial: 1) },
            ]
            #expect(errors.allSatisfy { $0?.code == .invalidKey && $0?.outcome == .notSent })
            #expect(try await server.connectionCounts().opened == 0)
        }
    }

    @Test func `keys in UTF-8 are stored, read, deleted and found among many`() async throws {
        try await withClient { client, _ in
            let keys: [MemcachedKey] = ["ключ", "鍵", "clé", "🔑"]
            for key in keys { try await client.set(key, to: "\(key)") }
            for key in keys { #expect(try await client.get(key, as: String.self) == "\(key)") }
            #expect(try await client.get(keys, as: String.self).count == 4)
            #expect(try await client.delete(keys[0]))
            #expect(try await client.get(keys, as: String.self).count == 3)
        }
    }

    @Test func `the length of a key is counted in bytes`() async throws {
        try await withClient { client, _ in
            try await client.set(MemcachedKey(String(repeating: "é", count: 125)), to: "250 bytes")
            let long = MemcachedKey(String(repeating: "é", count: 126))
            let error = await failure { () async throws(MemcachedError) in try await client.set(long, to: "252 bytes") }
            #expect(error?.code == .invalidKey)
        }
    }

    @Test func `a namespace may be long and have blanks, and leaves room for a key`() async throws {
        for namespace in [String(repeating: "n", count: 127), String(repeating: "n", count: 249), "with spaces "] {
            try await withClient(.init(), ClientSettings(namespace: namespace)) { client, server in
                try await client.set("k", to: "value")
                #expect(try await client.get("k", as: String.self) == "value")
                let plain = try MemcachedClient(MemcachedConfiguration(server.address))
                #expect(try await plain.get(MemcachedKey(namespace + "k"), as: String.self) == "value")
            }
        }
        var configuration = MemcachedConfiguration(TestServerAddress.tcp(host: "127.0.0.1", port: 1))
        configuration.namespace = String(repeating: "n", count: 250)
        let error = await failure { () throws(MemcachedError) in try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `every operation takes keys that are not ASCII`() async throws {
        try await withClient { client, _ in
            let key: MemcachedKey = "シシ"
            #expect(try await client.increment(key, by: 5, initial: 10) == 10)
            #expect(try await client.decrement(key, by: 3) == 7)
            #expect(try await client.add(key, bytes("x")) == .exists)
            #expect(try await client.replace(key, with: bytes("y")).isStored)
            let cas = try #require(try await client.get(key)?.cas)
            #expect(try await client.set(key, to: bytes("z"), ifUnchangedSince: cas).isStored)
            #expect(try await client.delete(key))
            let stored = try await client.setMany(["café": bytes("1"), "日本語": bytes("2")])
            #expect(stored.failures.isEmpty)
            #expect(try await client.get(["café", "日本語"], as: String.self) == ["café": "1", "日本語": "2"])
            #expect(try await client.deleteMany(["café", "日本語"]).get() == ["café": true, "日本語": true])
        }
    }
}
