import Memcached
import MemcachedTestSupport
import Testing

/// Compare and swap: cases 66 to 71.
@Suite struct ConditionCaseTests {
    @Test func `a CAS store finds nothing, a change, its item, and its own change`() async throws {
        try await withClient { client, _ in
            let any = try #require(MemcachedCAS(rawValue: 5))
            #expect(try await client.set("x", to: bytes("a"), ifUnchangedSince: any) == .notFound)
            let first = try #require(try await client.set("x", to: bytes("1")))
            let wrong = try #require(MemcachedCAS(rawValue: first.rawValue + 1))
            #expect(try await client.set("x", to: bytes("2"), ifUnchangedSince: wrong) == .exists)
            #expect(try await client.set("x", to: bytes("2"), ifUnchangedSince: first).isStored)
            #expect(try await client.set("x", to: bytes("3"), ifUnchangedSince: first) == .exists)
            #expect(try await client.get("x", as: String.self) == "2")
        }
    }

    @Test func `a large CAS on a missing key finds nothing`() async throws {
        try await withClient { client, _ in
            for number in [UInt64(Int64.max), .max] {
                let cas = try #require(MemcachedCAS(rawValue: number))
                #expect(try await client.set("absent", to: bytes("x"), ifUnchangedSince: cas) == .notFound)
            }
        }
    }

    @Test func `a CAS store of what was deleted stores nothing`() async throws {
        try await withClient { client, _ in
            let cas = try #require(try await client.set("key", to: bytes("x")))
            #expect(try await client.delete("key"))
            #expect(try await client.set("key", to: bytes("y"), ifUnchangedSince: cas) == .notFound)
            #expect(try await client.replace("key", with: bytes("y"), ifUnchangedSince: cas) == .notFound)
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `a delete with a wrong CAS leaves the item`() async throws {
        try await withClient { client, _ in
            let old = try #require(try await client.set("key", to: bytes("x")))
            let cas = try #require(try await client.set("key", to: bytes("y")))
            #expect(try await client.delete("key", ifUnchangedSince: old) == .exists)
            #expect(try await client.get("key", as: String.self) == "y")
            #expect(try await client.delete("key", ifUnchangedSince: cas) == .deleted)
            #expect(try await client.get("key") == nil)
        }
    }

    @Test func `append and prepend with a wrong CAS change nothing, with the right one they extend`() async throws {
        try await withClient { client, _ in
            let old = try #require(try await client.set("key", to: bytes("x")))
            let cas = try #require(try await client.set("key", to: bytes("test")))
            #expect(try await client.append(bytes("es"), to: "key", ifUnchangedSince: old) == .exists)
            #expect(try await client.prepend(bytes("es"), to: "key", ifUnchangedSince: old) == .exists)
            #expect(try await client.get("key", as: String.self) == "test")
            let appended = try await client.append(bytes("es"), to: "key", ifUnchangedSince: cas)
            #expect(try await client.get("key", as: String.self) == "testes")
            let current = try #require(appended.cas)
            let prepended = try await client.prepend(bytes("con"), to: "key", ifUnchangedSince: current)
            #expect(prepended.isStored)
            #expect(try await client.get("key", as: String.self) == "contestes")
        }
    }

    @Test func `every store gives the CAS that the next read shows, and a failed one none`() async throws {
        try await withClient { client, _ in
            let set = try #require(try await client.set("key", to: bytes("1")))
            #expect(try await client.get("key")?.cas == set)
            let added = try await client.add("other", bytes("1"))
            #expect(try await client.get("other")?.cas == added.cas)
            let replaced = try await client.replace("key", with: bytes("2"))
            #expect(try await client.get("key")?.cas == replaced.cas && replaced.cas != set)
            // Without a read in between.
            let second = try #require(replaced.cas)
            let swapped = try await client.set("key", to: bytes("3"), ifUnchangedSince: second)
            #expect(swapped.cas != nil && swapped.cas != replaced.cas)
            #expect(try await client.get("key")?.cas == swapped.cas)

            #expect(try await client.add("key", bytes("4")).cas == nil)
            #expect(try await client.replace("absent", with: bytes("4")).cas == nil)
            #expect(try await client.set("key", to: bytes("4"), ifUnchangedSince: set).cas == nil)
        }
    }
}
