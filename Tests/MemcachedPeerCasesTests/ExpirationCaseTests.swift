import Foundation
import Memcached
import MemcachedTestSupport
import Testing

/// Cases 79 to 87, 89, 90: when items go.
///
/// They wait for a real server's clock, whose second may be short or long.
@Suite struct ExpirationCaseTests {
    private func isGone(_ key: MemcachedKey, from client: MemcachedClient) async throws -> Bool {
        try await comesTrue { try await client.get(key) == nil }
    }

    /// What is stored in the second of a flush still goes with it.
    private func waitForAnotherSecond() async throws {
        try await Task.sleep(for: .seconds(1.5))
    }

    @Test func `touches with absolute times are each answered`() async throws {
        try await withClient { client, server in
            let soon = MemcachedExpiration.at(Date(timeIntervalSinceNow: 100))
            try await client.set("key", to: "value", expiring: soon)
            #expect(try await client.touch("key", expiring: soon))
            #expect(try await client.touch("key", expiring: .at(Date(timeIntervalSinceNow: 200))))
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `a touch that misses leaves the connection in step`() async throws {
        try await withClient { client, server in
            #expect(try await client.touch("missing", expiring: .after(.seconds(10))) == false)
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `an item goes after its time, which a touch begins anew`() async throws {
        try await withClient { client, _ in
            try await client.set("key", to: "value", expiring: .after(.seconds(10)))
            try await client.set("short", to: "value", expiring: .after(.seconds(2)))
            #expect(try await client.get("key", as: String.self) == "value")
            try await Task.sleep(for: .seconds(2))
            #expect(try await client.touch("key", expiring: .after(.seconds(16))))
            // Beyond its first time.
            try await Task.sleep(for: .seconds(9.5))
            #expect(try await client.get("short") == nil)
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(try await isGone("key", from: client))
        }
    }

    @Test func `a touch to an instant that has passed ends the item`() async throws {
        try await withClient { client, _ in
            try await client.set("key", to: "value")
            #expect(try await client.touch("key", expiring: .at(Date(timeIntervalSinceNow: -2))))
            #expect(try await client.get("key") == nil)
            #expect(try await client.touch("missing", expiring: .at(Date(timeIntervalSinceNow: -2))) == false)
        }
    }

    @Test func `a negative time is a time that has passed, and not the year 2106`() async throws {
        try await withClient { client, _ in
            for expiration in [MemcachedExpiration.after(.seconds(-123)), .at(Date(timeIntervalSince1970: -123))] {
                try await client.set("key", to: "value")
                try await client.set("key", to: "other", expiring: expiration)
                #expect(try await client.get("key") == nil)
            }
        }
    }

    @Test func `a touch lets an item live longer, with and without reading it`() async throws {
        try await withClient { client, _ in
            for key in ["touched", "read", "both"] as [MemcachedKey] {
                try await client.set(key, to: "value", expiring: .after(.seconds(6)))
            }
            #expect(try await client.touch("touched", expiring: .after(.seconds(60))))
            #expect(try await client.getAndTouch("read", expiring: .after(.seconds(60)))?.text == "value")
            #expect(try await client.getAndTouch(["both"], expiring: .after(.seconds(60)))["both"]?.text == "value")
            try await Task.sleep(for: .seconds(7.5))
            #expect(try await client.get(["touched", "read", "both"]).count == 3)
        }
    }

    @Test func `reading alone lets nothing live longer, and reading with a touch gives the flags`() async throws {
        try await withClient { client, _ in
            try await client.set("read", to: bytes("value"), flags: 7, expiring: .after(.seconds(6)))
            try await client.set("touched", to: bytes("value"), flags: 8, expiring: .after(.seconds(6)))
            #expect(try await client.get("read")?.flags == 7)
            #expect(try await client.getAndTouch("touched", expiring: .after(.seconds(120)))?.flags == 8)
            #expect(try await isGone("read", from: client))
            #expect(try await client.get("touched")?.flags == 8)
        }
    }

    @Test func `the key is echoed by the K forms of get and touch only, with any opaque`() async throws {
        try await withMemcached { server in
            let connection = try await RawConnection.connect(to: server.address)
            let extras: [UInt8] = [0, 0, 0, 60]
            let key = Array("key".utf8)
            let value = Array("value".utf8)
            _ = try await connection.exchange(
                RawFrame(opcode: 0x01, extras: [0, 0, 0, 9] + [0, 0, 0, 0], key: key, value: value)
            )
            for opaque in [UInt32(0), 123, 0xF0F0_F0F0, .max] {
                for (opcode, isEchoed) in [(UInt8(0x1D), false), (0x1E, false), (0x23, true), (0x24, true)] {
                    let answer = try await connection.exchange(
                        RawFrame(opcode: opcode, opaque: opaque, extras: extras, key: key)
                    )
                    #expect(answer.opcode == opcode && answer.opaque == opaque && answer.status == 0)
                    #expect(answer.key == (isEchoed ? key : []) && answer.value == value)
                    #expect(answer.extras == [0, 0, 0, 9])
                }
            }
            await connection.close()
        }
    }

    @Test func `a counter that begins with a time goes after it`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.increment("key", initial: 3, expiring: .after(.seconds(1))) == 3)
            #expect(try await isGone("key", from: client))
        }
    }

    @Test func `a flush that is to come takes what is stored until then, and a second one replaces it`() async throws {
        try await withClient { client, _ in
            try await client.flush(after: .seconds(8))
            try await client.set("after the request", to: "value")
            #expect(try await client.get("after the request") != nil)
            #expect(try await isGone("after the request", from: client))

            try await waitForAnotherSecond()
            try await client.set("kept", to: "value")
            try await client.flush(after: .seconds(8))
            try await client.flush(after: .seconds(1_000))
            try await Task.sleep(for: .seconds(9.5))
            #expect(try await client.get("kept", as: String.self) == "value")
        }
    }

    @Test func `a flush that is to come takes what was stored before it`() async throws {
        try await withClient { client, _ in
            try await client.set("before the request", to: "value")
            try await client.flush(after: .seconds(8))
            #expect(try await client.get("before the request") != nil)
            #expect(try await isGone("before the request", from: client))
            try await waitForAnotherSecond()
            try await client.set("later", to: "value")
            #expect(try await client.get("later", as: String.self) == "value")
        }
    }
}
