import Memcached
import MemcachedTestSupport
import NIOCore
import Synchronization
import Testing

/// A server that answers "busy" or "temporary failure": reads are tried again after a pause, and nothing else.
@Suite(.timeLimit(.minutes(2))) struct BusyServerTests {
    /// How many of the requests with one opcode are still to be refused.
    private final class Refusals: Sendable {
        private let left: Mutex<Int>
        private let opcodes: Set<UInt8>
        private let status: UInt16

        init(_ count: Int, of opcodes: Set<UInt8>, status: UInt16 = 0x85) {
            self.left = Mutex(count)
            self.opcodes = opcodes
            self.status = status
        }

        func actions(for request: FakeMemcachedServer.Request) -> [FakeMemcachedServer.Action] {
            guard opcodes.contains(request.frame.opcode) else { return [.answer] }
            let refuses = left.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            return refuses ? [.refuse(status: status, text: "Busy")] : [.answer]
        }
    }

    private static let get: Set<UInt8> = [0x00, 0x09, 0x0c, 0x0d]
    private static let keys = (0..<300).map { MemcachedKey("k\($0)") }

    private func withServer(
        refusing refusals: Refusals,
        _ body: (MemcachedClient, FakeMemcachedServer) async throws -> Void
    ) async throws {
        let server = try await FakeMemcachedServer.start(script: { refusals.actions(for: $0) })
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server.address)])
        configuration.timeouts.operation = .seconds(20)
        try await body(MemcachedClient(configuration), server)
        await server.stop()
    }

    @Test(arguments: [UInt16(0x85), 0x86])
    func `a read is tried again after a pause`(status: UInt16) async throws {
        try await withServer(refusing: Refusals(2, of: Self.get, status: status)) { client, server in
            try await client.set("k0", to: "value")
            #expect(try await client.get("k0", as: String.self) == "value")
            #expect(server.counts.requests.filter { Self.get.contains($0.key) }.values.reduce(0, +) == 3)
        }
    }

    @Test func `so are the keys of a batch`() async throws {
        try await withServer(refusing: Refusals(150, of: Self.get)) { client, _ in
            for key in Self.keys { try await client.set(key, to: "\(key)") }
            let values = try await client.get(Self.keys, as: String.self)
            #expect(values.count == Self.keys.count)
            #expect(values.allSatisfy { $0.value == "\($0.key)" })
        }
    }

    @Test func `it is not tried for ever, nor when there is no time for a pause`() async throws {
        try await withServer(refusing: Refusals(.max, of: Self.get)) { client, server in
            let patient = await failure { () async throws(MemcachedError) in try await client.get("k0") }
            #expect(patient?.code == .temporaryFailure)
            #expect(patient?.outcome == .rejected)
            let asked = server.counts.requests.values.reduce(0, +)
            #expect(asked == 4)
        }
    }

    @Test func `what changes something is sent once`() async throws {
        try await withServer(refusing: Refusals(1, of: [0x01, 0x05])) { client, server in
            let store = await failure { () async throws(MemcachedError) in try await client.set("k0", to: "value") }
            #expect(store?.code == .temporaryFailure)
            #expect(store?.outcome == .rejected)
            #expect(server.counts.requests[0x01] == 1)
        }
    }

    @Test func `the size of the largest item is asked for again when the first answer did not come`() async throws {
        let stat: UInt8 = 0x10
        try await withServer(refusing: Refusals(0, of: [])) { client, server in
            server.script = { $0.frame.opcode == stat ? [] : [.answer] }
            var configuration = client.configuration
            configuration.limits.item = .asServerSays
            let careful = try MemcachedClient(configuration)
            let first = Task { try await careful.set("k0", to: "value") }
            while server.counts.requests[stat] == nil { await Task.yield() }
            first.cancel()
            await #expect(throws: MemcachedError.self) { try await first.value }
            server.script = nil
            try await careful.set("k0", to: "value")
            #expect(server.counts.requests[stat] == 2)
        }
    }
}
