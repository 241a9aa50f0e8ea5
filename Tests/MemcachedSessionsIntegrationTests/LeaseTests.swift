import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct LeaseTests {
    @Test func `a lock is renewed for as long as its session is in use`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) { $0.locking.lease = .seconds(15) }
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession()
            _ = try await handler.withSession(id: id) { session in
                // A lease and some more.
                for _ in 0..<36 {
                    try await Task.sleep(for: .milliseconds(500))
                    #expect(try await peer.lock(id) != nil)
                }
                session["count"] = 1
            }
            #expect(try await peer.lock(id) == nil)
            #expect(try await handler.reload(id) == 2)
        }
    }

    @Test func `a lock that ran out and was taken by another is not deleted by its old owner`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession()
            let error = await sessionError {
                try await handler.withSession(id: id) { session in
                    try await peer.delete("memc.sess.key.lock.\(id)")
                    try await peer.set("memc.sess.key.lock.\(id)", "1")
                    session["count"] = 5
                }
            }
            #expect(error?.code == .lockLost)
            #expect(try await peer.lock(id) == "1")
        }
    }

    @Test func `a holder that dies is outlived by its lease`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) {
                $0.locking.retries = 400
                $0.locking.timeout = .seconds(60)
                $0.locking.lease = .seconds(5)
            }
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession()
            // What a process leaves behind that was killed: a lock with a lease and nobody to renew it.
            let extras: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 5]
            let key = Array("memc.sess.key.lock.\(id)".utf8)
            _ = try await peer.connection.exchange(
                RawFrame(opcode: Opcode.add, extras: extras, key: key, value: Array("dead".utf8))
            )
            #expect(try await peer.lock(id) == "dead")
            #expect(try await handler.reload(id) == 1)
            #expect(try await peer.lock(id) == nil)
        }
    }
}
