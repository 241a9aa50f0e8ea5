import Foundation
import Memcached
import MemcachedTestSupport
import Testing

/// Counters: cases 57 to 65, 74 to 78, 88, 92.
@Suite struct CounterCaseTests {
    @Test func `a counter begins at its initial number and goes beyond 32 bits`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.increment("x", by: 1, initial: 0) == 0)
            #expect(try await client.increment("x") == 1)
            #expect(try await client.increment("x", by: 211) == 212)
            #expect(try await client.increment("x", by: 1 << 33) == 8_589_934_804)
        }
    }

    @Test func `text cannot be counted and stays`() async throws {
        try await withClient { client, _ in
            try await client.set("issue48", to: "text")
            let errors = [
                await failure { () async throws(MemcachedError) in try await client.increment("issue48") },
                await failure { () async throws(MemcachedError) in try await client.decrement("issue48", initial: 1) },
            ]
            #expect(errors.allSatisfy { $0?.code == .nonNumericValue && $0?.status == 6 && $0?.outcome == .rejected })
            #expect(try await client.get("issue48", as: String.self) == "text")
        }
    }

    @Test func `a counter is stored as its digits`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.increment("key", initial: 1) == 1)
            #expect(try await client.get("key")?.bytes == [0x31])
        }
    }

    @Test func `a counter counts down and stops at nothing`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.decrement("key", initial: 5) == 5)
            #expect(try await client.decrement("key") == 4)
            #expect(try await client.decrement("key", by: 211) == 0)
        }
    }

    @Test func `counting gives a new CAS, which a read shows too`() async throws {
        try await withClient { client, _ in
            let first = try #require(try await client.set("x", to: bytes("0")))
            guard case .counted(let number, let cas) = try await client.increment("x", ifUnchangedSince: first) else {
                Issue.record("not counted")
                return
            }
            #expect(number == 1 && cas != nil && cas != first)
            #expect(try await client.get("x")?.cas == cas)
        }
    }

    @Test func `counters have no sign`() async throws {
        try await withClient { client, _ in
            try await client.set("x", to: "9223372036854775807")
            #expect(try await client.increment("x") == 9_223_372_036_854_775_808)
            #expect(try await client.increment("x") == 9_223_372_036_854_775_809)
            #expect(try await client.decrement("x") == 9_223_372_036_854_775_808)
        }
    }

    @Test func `counters stop at nothing and go round at 2^64`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.decrement("low", by: 1, initial: 0) == 0)
            #expect(try await client.decrement("low", by: 9) == 0)
            #expect(try await client.increment("high", initial: .max - 1) == .max - 1)
            #expect(try await client.increment("high") == .max)
            #expect(try await client.increment("high") == 0)
        }
    }

    @Test func `an absent counter begins when it is given an initial number, and only then`() async throws {
        try await withClient { client, _ in
            #expect(try await client.increment("a") == nil)
            #expect(try await client.get("a") == nil)
            for expiration in [MemcachedExpiration.never, .after(.seconds(100)), .at(.distantFuture)] {
                #expect(try await client.increment("b", initial: 7, expiring: expiration) == 7)
                #expect(try await client.get("b", as: String.self) == "7")
                try await client.delete("b")
            }
        }
    }

    @Test func `counting with the right CAS counts and with a wrong one does not`() async throws {
        try await withClient { client, _ in
            let old = try #require(try await client.set("x", to: bytes("10")))
            let right = try #require(try await client.set("x", to: bytes("20")))
            #expect(try await client.decrement("x", ifUnchangedSince: old) == .exists)
            #expect(try await client.get("x", as: String.self) == "20")
            guard case .counted(19, _) = try await client.decrement("x", ifUnchangedSince: right) else {
                Issue.record("not counted")
                return
            }
            // memcached begins a counter here as if no CAS had been given; the client does not let it.
            #expect(try await client.increment("absent", ifUnchangedSince: right) == .notFound)
            #expect(try await client.get("absent") == nil)
        }
    }

    @Test func `an absent counter without an initial number is a miss`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.increment("foo", by: 2) == nil)
            #expect(try await client.decrement("foo", by: 2) == nil)
        }
    }

    @Test func `an initial number is not counted upon, also where a group key decides about the server`() async throws {
        try await withMemcached { first in
            try await withMemcached { second in
                let client = try MemcachedClient(MemcachedConfiguration(first.address, second.address))
                for group in [nil, "a", "b", "c", "d"] as [MemcachedKey?] {
                    let key = MemcachedKey("counter \(group?.description ?? "")")
                    #expect(try await client.increment(key, by: 1, initial: 1, routedBy: group) == 1)
                    #expect(try await client.increment(key, by: 1, initial: 1, routedBy: group) == 2)
                    #expect(try await client.increment(key, by: 1, initial: 1, routedBy: group) == 3)
                    #expect(try await client.decrement(key, by: 1, initial: 1, routedBy: group) == 2)
                }
            }
        }
    }

    @Test func `deltas go beyond 32 bits`() async throws {
        try await withClient { client, _ in
            try await client.set("key", to: "1")
            #expect(try await client.increment("key", by: 0x1_0000_0000) == 4_294_967_297)
            #expect(try await client.decrement("key", by: 0x1_0000_0000) == 1)
        }
    }

    @Test func `a counter that the server padded with blanks reads as a number`() async throws {
        try await withClient { client, _ in
            try await client.set("gh_21", to: 5)
            #expect(try await client.decrement("gh_21") == 4)
            #expect(try await client.decrement("gh_21", by: 10) == 0)
            #expect(try await client.get("gh_21", as: Int.self) == 0)
            try await client.set("padded", to: 1_000)
            #expect(try await client.decrement("padded") == 999)
            #expect(try await client.get("padded")?.text == "999 ")
            #expect(try await client.get("padded", as: Int.self) == 999)
        }
    }

    @Test func `fresh counters all begin with their first answer`() async throws {
        try await withClient { (client, _) async throws in
            for number in 0..<10 { #expect(try await client.increment("gh_90_\(number)", by: 1, initial: 1) == 1) }
        }
    }

    @Test func `tasks that count at the same time get different numbers`() async throws {
        try await withClient { client, _ in
            try await client.set("mtest", to: 0)
            let numbers = try await withThrowingTaskGroup(of: UInt64?.self) { group in
                for _ in 0..<100 { group.addTask { try await client.increment("mtest") } }
                return try await group.reduce(into: Set<UInt64?>()) { $0.insert($1) }
            }
            #expect(numbers == Set((1...100).map { UInt64?($0) }))
        }
    }

    @Test(arguments: ["", "prefix:"])
    func `an initial number of 0 is one too, with and without a namespace`(namespace: String) async throws {
        try await withClient(.init(), ClientSettings(namespace: namespace)) { (client, _) async throws in
            for initial in [UInt64(0), 456] {
                let key = MemcachedKey("counter \(initial)")
                #expect(try await client.increment(key, by: 123, initial: initial) == initial)
                #expect(try await client.increment(key, by: 123, initial: initial) == initial + 123)
                #expect(try await client.get(key, as: UInt64.self) == initial + 123)
            }
        }
    }
}
