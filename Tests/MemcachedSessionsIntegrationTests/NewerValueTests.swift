import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

/// A write that the server cannot take costs nothing that was stored after the session had been read.
///
/// Each test has a control: a SET on condition of the same old CAS removes the newer value, although it is refused.
@Suite struct NewerValueTests {
    private static let newer = "count|i:99;"

    /// Stores a newer value as PHP would, in the turn of a request that then stores so many bytes.
    private static func overtake(
        _ handler: MemcachedSessionHandler,
        _ id: String,
        by peer: Peer,
        storing length: Int
    ) async -> MemcachedSessionError? {
        await sessionError {
            try await handler.withSession(id: id) { session in
                try await peer.set(Peer.prefix + id, newer)
                session["large"] = String(repeating: "x", count: length)
            }
        }
    }

    /// Sends a SET on condition of a CAS, as a client would that trusts in it.
    private static func setStale(_ peer: Peer, _ key: String, cas: UInt64, length: Int) async throws -> UInt16 {
        let frame = RawFrame(
            opcode: Opcode.set,
            cas: cas,
            extras: [UInt8](repeating: 0, count: 8),
            key: Array(key.utf8),
            value: [UInt8](repeating: 0x78, count: length)
        )
        return try await peer.connection.exchange(frame).status
    }

    private static func cas(_ peer: Peer, _ key: String) async throws -> UInt64 {
        try await peer.connection.exchange(RawFrame(opcode: Opcode.get, key: Array(key.utf8))).cas
    }

    @Test func `a write with an old CAS that is too large leaves the newer session`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) { $0.maximumBytes = 5_000_000 }
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession(count: 7)
            let error = await Self.overtake(handler, id, by: peer, storing: 1_500_000)
            #expect(error?.code == .tooLarge || error?.code == .conflict, "\(error.map { "\($0)" } ?? "no error")")
            #expect(try await peer.session(id) == Self.newer)
            #expect(try await peer.lock(id) == nil)
            let old = try await Self.cas(peer, Peer.prefix + id)
            try await peer.set(Peer.prefix + id, Self.newer)
            #expect(try await Self.setStale(peer, Peer.prefix + id, cas: old, length: 1_500_000) == 0x03)
            #expect(try await peer.session(id) == nil, "the control")
        }
    }

    @Test func `a write with an old CAS on a full server leaves the newer session`() async throws {
        try await withMemcached(.init(arguments: ["-M", "-m", "8"])) { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession(count: 7)
            // The lock comes and goes within memory that it has had before; nothing large finds room any more.
            _ = try await handler.reload(id)
            var status: UInt16 = 0
            for number in 0..<2_000 where status == 0 {
                status = try await Self.setStale(peer, "filler \(number)", cas: 0, length: 60_000)
            }
            #expect(status == 0x82)
            let error = await Self.overtake(handler, id, by: peer, storing: 60_000)
            #expect(error?.code == .unavailable || error?.code == .conflict, "\(error.map { "\($0)" } ?? "no error")")
            #expect(try await peer.session(id) == Self.newer)
            #expect(try await peer.lock(id) == nil)
            let old = try await Self.cas(peer, Peer.prefix + id)
            try await peer.set(Peer.prefix + id, Self.newer)
            #expect(try await Self.setStale(peer, Peer.prefix + id, cas: old, length: 60_000) == 0x82)
            #expect(try await peer.session(id) == nil, "the control")
        }
    }
}
