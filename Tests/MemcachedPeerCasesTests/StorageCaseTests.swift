import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Storing, reading, replacing, extending: cases 53 to 56, 72, 73, 91, 93 to 95.
@Suite struct StorageCaseTests {
    @Test func `flags and value come back, and are gone after delete and flush`() async throws {
        try await withClient { client, _ in
            for flags in [UInt32(0), 123, 0xDEAD_BEEF] {
                try await client.set("x", to: bytes("somevalue"), flags: flags)
                let item = try #require(try await client.get("x"))
                #expect(item.text == "somevalue" && item.flags == flags)
            }
            #expect(try await client.delete("x"))
            #expect(try await client.get("x") == nil)
            for key in ["x", "y"] as [MemcachedKey] { try await client.set(key, to: "value") }
            try await client.flush()
            #expect(try await client.get(["x", "y"]).isEmpty)
        }
    }

    @Test func `a second add finds the first one's value`() async throws {
        try await withClient { client, _ in
            #expect(try await client.add("i", bytes("ex"), flags: 5).isStored)
            #expect(try await client.add("i", bytes("ex2"), flags: 10) == .exists)
            let item = try #require(try await client.get("i"))
            #expect(item.text == "ex" && item.flags == 5)
        }
    }

    @Test func `a value over a mebibyte is refused and the old one is gone`() async throws {
        try await withClient { client, server in
            try await client.set("toobig", to: "not too big")
            let value = ByteBuffer(repeating: 0x78, count: (1 << 20) + 1)
            let error = await failure { () async throws(MemcachedError) in try await client.set("toobig", to: value) }
            #expect(error?.code == .valueTooLarge && error?.outcome == .rejected)
            #expect(try await client.get("toobig") == nil)
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `replace needs something and changes flags and value`() async throws {
        try await withClient { client, _ in
            #expect(try await client.replace("j", with: bytes("ex"), flags: 19) == .notFound)
            #expect(try await client.add("j", bytes("ex2"), flags: 14).isStored)
            #expect(try await client.replace("j", with: bytes("ex3"), flags: 24).isStored)
            let item = try #require(try await client.get("j"))
            #expect(item.text == "ex3" && item.flags == 24)
        }
    }

    @Test func `append and prepend need something, and the CAS if one is given`() async throws {
        try await withClient { client, _ in
            #expect(try await client.append(bytes("b"), to: "key") == .notStored)
            #expect(try await client.prepend(bytes("b"), to: "key") == .notStored)
            #expect(try await client.get("key") == nil)
            let old = try #require(try await client.set("key", to: bytes("a")))
            try await client.set("key", to: "b")
            #expect(try await client.append(bytes("x"), to: "key", ifUnchangedSince: old) == .exists)
            #expect(try await client.prepend(bytes("x"), to: "key", ifUnchangedSince: old) == .exists)
            #expect(try await client.get("key", as: String.self) == "b")
        }
    }

    @Test func `append puts behind and prepend before`() async throws {
        try await withClient { client, _ in
            try await client.set("key", to: "a")
            #expect(try await client.append(bytes("b"), to: "key").isStored)
            #expect(try await client.get("key", as: String.self) == "ab")
            try await client.set("key", to: "a")
            #expect(try await client.prepend(bytes("b"), to: "key").isStored)
            #expect(try await client.get("key", as: String.self) == "ba")
        }
    }

    @Test func `a value near the limit comes back with every flags word, alone and among many`() async throws {
        try await withClient { client, _ in
            for flags in [UInt32(123), 456, 789, .max] {
                let value = ByteBuffer(repeating: UInt8(truncatingIfNeeded: flags), count: 1_048_064)
                try await client.set("foo", to: value, flags: flags)
                let single = try #require(try await client.get("foo"))
                #expect(single.value == value && single.flags == flags)
                let many = try await client.get(["foo", "absent"])
                #expect(many["foo"]?.value == value && many["foo"]?.flags == flags && many.count == 1)
            }
        }
    }

    @Test func `values are eight bits wide`() async throws {
        try await withClient { client, _ in
            let value: [UInt8] = [0x01, 0x7A, 0x7F, 0x00, 0x80, 0xFE, 0xFF, 0x00]
            try await client.set("key", to: value)
            #expect(try await client.get("key", as: [UInt8].self) == value)
        }
    }

    @Test func `an empty value, and one that reads as an error, are values`() async throws {
        try await withClient { client, _ in
            try await client.set("empty", to: "")
            try await client.set("text", to: "Not found")
            #expect(try await client.get("empty", as: String.self) == "")
            #expect(try await client.get("text", as: String.self) == "Not found")
            #expect(try await client.get(["empty", "text", "absent"]).count == 2)
        }
    }

    @Test func `values at the edge of a chunk come back as they were`() async throws {
        try await withClient { client, _ in
            for length in 7_903...8_103 {
                let value = ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) })
                try await client.set("key", to: value)
                #expect(try await client.get("key")?.value == value)
            }
        }
    }
}
