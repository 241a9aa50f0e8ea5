import Memcached
import MemcachedTestSupport
import Testing

/// Cases 97, 104, 115: commands whose opcodes the client does not use, or not all of them, byte by byte, beside it.
@Suite struct QuietCommandCaseTests {
    private func frame(_ opcode: UInt8, _ key: String, _ value: String = "", extras: [UInt8] = []) -> [UInt8] {
        RawFrame(opcode: opcode, opaque: 7, extras: extras, key: Array(key.utf8), value: Array(value.utf8)).bytes
    }

    /// Flags and expiration.
    private static let store = [UInt8](repeating: 0, count: 8)
    /// Delta, initial number, expiration.
    private static func counter(_ delta: UInt8, _ initial: UInt8) -> [UInt8] {
        [0, 0, 0, 0, 0, 0, 0, delta] + [0, 0, 0, 0, 0, 0, 0, initial] + [0, 0, 0, 0]
    }

    /// Sends quiet commands and a NOOP, whose answer has to be the first.
    private func quietly(_ commands: [UInt8], on connection: RawConnection) async throws {
        try await connection.send(commands + RawFrame(opcode: 0x0A, opaque: 9).bytes)
        let answer = try await connection.receiveFrame(timeout: .seconds(30))
        #expect(answer.opcode == 0x0A && answer.opaque == 9)
    }

    @Test func `quiet commands that succeed say nothing and are carried out`() async throws {
        try await withClient { client, server in
            let connection = try await RawConnection.connect(to: server.address)
            try await quietly(frame(0x11, "key", "1", extras: Self.store), on: connection)
            #expect(try await client.get("key", as: String.self) == "1")
            try await quietly(frame(0x12, "added", "b", extras: Self.store), on: connection)
            try await quietly(frame(0x13, "added", "c", extras: Self.store), on: connection)
            #expect(try await client.get("added", as: String.self) == "c")
            try await quietly(frame(0x19, "added", "d") + frame(0x1A, "added", "b"), on: connection)
            #expect(try await client.get("added", as: String.self) == "bcd")
            try await quietly(frame(0x15, "key", extras: Self.counter(5, 0)), on: connection)
            try await quietly(frame(0x16, "key", extras: Self.counter(2, 0)), on: connection)
            #expect(try await client.get("key", as: Int.self) == 4)
            try await quietly(frame(0x14, "added"), on: connection)
            #expect(try await client.get("added") == nil)
            try await quietly(frame(0x18, ""), on: connection)
            #expect(try await client.get("key") == nil)
            await connection.close()
        }
    }

    @Test func `five thousand of each quiet store leave the right values`() async throws {
        try await withClient(.init(), ClientSettings(operation: .seconds(60))) { client, server in
            let connection = try await RawConnection.connect(to: server.address)
            let numbers = 0..<5_000
            func all(_ opcode: UInt8, _ value: String, extras: [UInt8] = []) -> [UInt8] {
                numbers.flatMap { frame(opcode, "\($0)", "\($0)\(value)", extras: extras) }
            }
            func values() async throws -> Set<String> {
                let found = try await client.get(numbers.map { MemcachedKey("\($0)") }, as: String.self)
                #expect(found.count == 5_000)
                return Set(found.map { $0.value.replacing("\($0.key)", with: "#") })
            }
            try await quietly(all(0x12, "add", extras: Self.store), on: connection)
            #expect(try await values().allSatisfy { $0.hasSuffix("add") })
            try await quietly(all(0x13, "replace", extras: Self.store), on: connection)
            #expect(try await values().allSatisfy { $0.hasSuffix("replace") })
            try await quietly(all(0x11, "set", extras: Self.store), on: connection)
            #expect(try await client.get("4321", as: String.self) == "4321set")
            try await quietly(all(0x19, "append"), on: connection)
            #expect(try await client.get("4321", as: String.self) == "4321set4321append")
            try await quietly(all(0x1A, "prepend"), on: connection)
            #expect(try await client.get("4321", as: String.self) == "4321prepend4321set4321append")
            #expect(try await values().count >= 1)
            // The client's own quiet store, over all of them.
            let items = Dictionary(uniqueKeysWithValues: numbers.map { (MemcachedKey("\($0)"), bytes("\($0)set")) })
            #expect(try await client.setMany(items).failures.isEmpty)
            #expect(try await client.get("4321", as: String.self) == "4321set")
            await connection.close()
        }
    }

    @Test func `every get echoes its opaque, and the K forms the key`() async throws {
        try await withMemcached { server in
            let connection = try await RawConnection.connect(to: server.address)
            let key = Array("key".utf8)
            _ = try await connection.exchange(RawFrame(opcode: 0x01, extras: Self.store, key: key, value: [0x76]))
            for opaque in [UInt32(0), 123, .max, 0xF0F0_F0F0] {
                for opcode in [UInt8(0x00), 0x09, 0x0C, 0x0D] {
                    let answer = try await connection.exchange(RawFrame(opcode: opcode, opaque: opaque, key: key))
                    #expect(answer.opaque == opaque && answer.opcode == opcode && answer.value == [0x76])
                    #expect(answer.key == (opcode >= 0x0C ? key : []))
                }
            }
            await connection.close()
        }
    }
}
