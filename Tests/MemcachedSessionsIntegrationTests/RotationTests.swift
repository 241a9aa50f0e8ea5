import Memcached
import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// An id that changes now and then, on a server: the old one can be read for seconds, and never beside PHP.
@Suite struct RotationTests {
    private static func handler(_ server: MemcachedProcess) throws -> MemcachedSessionHandler {
        try MemcachedSessionHandler(server.address) { $0.prefix = "app.session." }
    }

    /// Gives a session a new id with count 2.
    private static func rotate(
        _ id: String,
        _ handler: MemcachedSessionHandler,
        leavingOldFor grace: Duration
    ) async throws -> String {
        let outcome = try await handler.withSession(id: id) { session in
            session["count"] = 2
            try session.regenerateID(leavingOldFor: grace)
        }
        guard case .set(let new) = outcome.cookie else {
            throw MemcachedTestSupportError(.unexpectedAnswer, "A rotation set no cookie.")
        }
        return new
    }

    @Test func `the old id is read by every process for its seconds, changed by none, and then unknown`() async throws {
        try await withMemcached { server in
            let handlers = [try Self.handler(server), try Self.handler(server)]
            let old = try await handlers[0].makeSession(count: 1)
            let new = try await Self.rotate(old, handlers[0], leavingOldFor: .seconds(60))
            #expect(new != old)
            for handler in handlers {
                let late = try await handler.withSession(id: old) { ($0["count", default: 0], $0.isReadOnly) }
                #expect(late.value == (2, true))
                #expect(late.cookie == .keep)
                #expect(await sessionError { try await handler.reload(old) }?.code == .readOnly)
            }
            #expect(try await handlers[1].reload(new) == 3)
            // What was stored under the new id is not seen under the old one, and no visit has prolonged that.
            #expect(try await handlers[0].withSession(id: old) { $0["count", default: 0] }.value == 2)
            let left = try #require(try await Peer.timeToLive("app.session.\(old)", on: server))
            #expect((1...60).contains(left))
            let lifetime = try #require(try await Peer.timeToLive("app.session.\(new)", on: server))
            #expect(lifetime > 60)
            #expect(try await server.stat("curr_items") == 2)
        }
    }

    @Test func `the server itself drops the old id, and it is given to nobody again`() async throws {
        try await withMemcached { server in
            let handler = try Self.handler(server)
            let old = try await handler.makeSession(count: 1)
            let new = try await Self.rotate(old, handler, leavingOldFor: .seconds(2))
            #expect(try await eventually { try await Peer.timeToLive("app.session.\(old)", on: server) == nil })
            let outcome = try await handler.withSession(id: old) { session in
                #expect(session.isNew)
                session["count"] = 1
            }
            guard case .set(let another) = outcome.cookie else {
                Issue.record("no new id was given")
                return
            }
            #expect(another != old && another != new)
            #expect(try await handler.reload(new) == 3)
        }
    }

    @Test func `beside PHP it is refused, since PHP would give the old id a full lifetime`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession(count: 1)
            let error = await sessionError { try await Self.rotate(id, handler, leavingOldFor: .seconds(60)) }
            #expect(error?.code == .sharedWithPHP)
            #expect(try await peer.session(id) == "count|i:1;")
            #expect(try await peer.lock(id) == nil)
            #expect(try await server.stat("curr_items") == 1)
            // So is a prefix that was said to PHP as well.
            var shared = try MemcachedSessionConfiguration(
                phpINI: """
                    session.save_path = "127.0.0.1:11211"
                    memcached.sess_prefix = app.session.
                    """,
                environment: [:]
            )
            shared.client.servers = [MemcachedServer(server.address)]
            shared.client.timeouts.operation = .seconds(30)
            let other = try MemcachedSessionHandler(shared)
            let theirs = try await other.makeSession(count: 1)
            let refusal = await sessionError { try await Self.rotate(theirs, other, leavingOldFor: .seconds(60)) }
            #expect(refusal?.code == .sharedWithPHP)
            // The control: an item with a minute left, as the old id would be, and one visit of PHP's that changes nothing.
            let frame = RawFrame(
                opcode: Opcode.set,
                extras: [0, 0, 0, 0, 0, 0, 0, 60],
                key: Array((Peer.prefix + id).utf8),
                value: Array("count|i:1;".utf8)
            )
            _ = try await peer.connection.exchange(frame)
            let before = try #require(try await Peer.timeToLive(Peer.prefix + id, on: server))
            #expect(before <= 60)
            _ = try await PHPPeer(server: server, format: .php).request(id, "")
            let after = try #require(try await Peer.timeToLive(Peer.prefix + id, on: server))
            #expect(after > 60)
        }
    }
}
