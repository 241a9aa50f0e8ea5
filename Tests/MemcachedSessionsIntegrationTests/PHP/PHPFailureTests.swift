import Memcached
import MemcachedSessions
import MemcachedTestSupport
import NIOCore
import PHPSessionCodec
import Testing

/// What goes wrong in a live PHP (`php_sessions.md` 3.2), and that it does not here.
///
/// Where PHP can still do it to us, the test shows that Swift says so; SECURITY.md has the list.
@Suite struct PHPFailureTests {
    private static let id = "0123456789abcdefghijklmnopqrstuv"

    private static let hold = """
        $m = new Memcached(); [$host, $port] = explode(':', $argv[1]); $m->addServer($host, (int)$port);
        while ($m->get('go') === false) { usleep(5000); }

        """

    private static let die = "posix_kill(getmypid(), 9);"

    private static func handler(
        _ server: MemcachedProcess,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> MemcachedSessionHandler {
        try MemcachedSessionHandler(server.address) {
            $0.format = .php
            configure(&$0)
        }
    }

    // MARK: Holders that die

    @Test func `a PHP holder that dies is outlived by its expiry`() async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: .php, settings: ["memcached.sess_lock_expire": "3"])
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            await #expect(throws: PHPPeer.Failure.self) { try await php.request(Self.id, Self.die) }
            // It has left its lock, unless the machine took longer than that to say so.
            let handler = try Self.handler(server) {
                $0.locking.retries = 400
                $0.locking.timeout = .seconds(60)
            }
            #expect(try await handler.reload(Self.id) == 2)
            #expect(try await peer.lock(Self.id) == nil)
            #expect(try await php.request(Self.id, "echo $_SESSION['count'];") == "2")
        }
    }

    @Test func `a lock that PHP's command line leaves for ever is reported, left alone, and no outage`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            let php = PHPPeer(server: server, format: .php)
            await #expect(throws: PHPPeer.Failure.self) { try await php.request(Self.id, Self.die) }
            #expect(try await Peer.timeToLive(Peer.prefix + "lock." + Self.id, on: server) == -1, "the control")
            let handler = try Self.handler(server) { $0.locking.retries = 1 }
            #expect(await sessionError { try await handler.reload(Self.id) }?.code == .locked)
            #expect(try await peer.lock(Self.id) == "1")
            #expect(try await peer.session(Self.id) == "count|i:1;")
            // Swift's own lock ends by itself.
            try await peer.delete(Peer.prefix + "lock." + Self.id)
            _ = try await handler.withSession(id: Self.id) { _ in
                let left = try #require(try await Peer.timeToLive(Peer.prefix + "lock." + Self.id, on: server))
                #expect((0...10).contains(left))
            }
        }
    }

    // MARK: Locks of others

    @Test func `PHP outlives its lock and deletes Swift's: Swift writes nothing over it and says so`() async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: .php, settings: ["memcached.sess_lock_expire": "1"])
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            let slow = Task { try await php.request(Self.id, Self.hold + "$_SESSION['count'] = 50;") }
            #expect(try await eventually(within: .seconds(60)) { try await server.stat("cmd_set") >= 2 })
            #expect(try await eventually { try await peer.lock(Self.id) == nil })
            let handler = try Self.handler(server)
            let error = await sessionError {
                try await handler.withSession(id: Self.id) { session in
                    #expect(try await peer.lock(Self.id) != nil)
                    try await peer.set("go", "1")
                    _ = try await slow.value
                    // The control: PHP has deleted a lock that was never its own.
                    #expect(try await peer.lock(Self.id) == nil)
                    session["count", default: 0] += 1
                }
            }
            #expect(error?.code == .conflict || error?.code == .lockLost)
            #expect(try await peer.session(Self.id) == "count|i:50;")
        }
    }

    @Test func `a cookie that names a lock makes PHP delete it, reaches nothing here, and is noticed`() async throws {
        try await withMemcached { server in
            let handler = try Self.handler(server)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession(count: 1)
            let error = await sessionError {
                try await handler.withSession(id: id) { session in
                    // Another Swift process gets that cookie: it is no id, and nothing is asked for.
                    let visitor = try await Self.handler(server).withSession(id: "lock." + id) { $0.isNew }
                    #expect(visitor.value && visitor.cookie == .keep)
                    #expect(try await peer.lock(id) != nil)
                    // The control: PHP takes it for a session, cannot decode it, and deletes it.
                    _ = try? await PHPPeer(server: server, format: .php).request("lock." + id, "")
                    #expect(try await peer.lock(id) == nil)
                    session["count"] = 2
                }
            }
            #expect(error?.code == .lockLost)
        }
    }

    @Test func `without the lock's server there is no session, and the cookie stays`() async throws {
        let servers = [try await MemcachedProcess.start(), try await MemcachedProcess.start()]
        let handler = try MemcachedSessionHandler(servers[0].address, servers[1].address)
        // An id whose lock lives apart from its session.
        var found: (id: String, lockServer: MemcachedProcess)?
        for _ in 0..<200 where found == nil {
            let id = try await handler.makeSession(count: 1)
            let session = handler.client.server(of: MemcachedKey(id))
            let lock = handler.client.server(of: MemcachedKey("lock." + id))
            if session != lock, let server = servers.first(where: { MemcachedServer($0.address) == lock }) {
                found = (id, server)
            }
        }
        let (id, lockServer) = try #require(found)
        await lockServer.kill()
        #expect(await sessionError { try await handler.reload(id) }?.code == .unavailable)
        // Reading needs no lock.
        let read = try await handler.withReadOnlySession(id: id) { $0["count", default: 0] }
        #expect(read.value == 1 && read.cookie == .keep)
        try await lockServer.restart()
        #expect(await eventually { (try? await handler.reload(id)) == 2 })
        for server in servers { await server.stop() }
    }

    // MARK: Verbs that fail in PHP

    @Test func `a session can be read again, where PHP locks itself out`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            // The control: it waits for its own lock and gives up.
            let php = PHPPeer(server: server, format: .php)
            await #expect(throws: PHPPeer.Failure.self) { try await php.request(Self.id, "session_reset();") }
            try await peer.delete(Peer.prefix + "lock." + Self.id)
            let session = try Self.handler(server).open()
            let first = try await session.read(Self.id)
            let again = try await session.read(Self.id)
            #expect(first == again)
            try await session.write(Self.id, ByteBuffer(string: "count|i:2;"))
            await session.close()
            #expect(try await peer.session(Self.id) == "count|i:2;")
            #expect(try await peer.lock(Self.id) == nil)
        }
    }

    @Test func `ids are made during a session, where PHP fails and leaves items behind`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            let session = try Self.handler(server).open()
            _ = try await session.read(Self.id)
            let before = try await server.stat("cmd_set")
            let ids = try (0..<10).map { _ in try session.createSID() }
            #expect(Set(ids).count == 10)
            #expect(try await server.stat("cmd_set") == before)
            await session.close()
            #expect(try await server.stat("curr_items") == 1)
            // The control.
            let php = PHPPeer(server: server, format: .php)
            await #expect(throws: PHPPeer.Failure.self) {
                try await php.request(Self.id, "echo session_create_id();")
            }
            #expect(try await server.stat("curr_items") > 2)
        }
    }

    @Test func `a new id costs one item, where PHP in strict mode burns ids`() async throws {
        try await withMemcached { server in
            let handler = try Self.handler(server)
            let id = try await handler.makeSession(count: 1)
            let before = try await server.stat("total_items")
            let outcome = try await handler.withSession(id: id) { try $0.regenerateID() }
            #expect(outcome.cookie != .keep)
            // The locks of both ids and the session under its new one.
            #expect(try await server.stat("total_items") == before + 3)
            #expect(try await server.stat("curr_items") == 1)
            // The control: it leaves items of ids that it gave to nobody.
            guard case .set(let new) = outcome.cookie else { return }
            let php = PHPPeer(server: server, format: .php)
            let printed = try await php.request(
                new,
                "session_write_close(); ini_set('session.use_strict_mode', '1'); "
                    + "session_id($argv[3]); session_start(); echo session_regenerate_id(true) ? 'new' : 'none';"
            )
            #expect(printed == "new")
            #expect(try await server.stat("curr_items") > 1)
        }
    }

    // MARK: Names that PHP chokes on

    @Test func `names that cost PHP its whole session are refused, and the stored one stays`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try Self.handler(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            let error = await sessionError { try await handler.withSession(id: Self.id) { $0["a|b"] = 1 } }
            #expect(error?.code == .encodingFailed)
            #expect(try await peer.session(Self.id) == "count|i:1;")
            #expect(try await peer.lock(Self.id) == nil)
            // The control: PHP stores nothing at all of such a session, and says nothing.
            let php = PHPPeer(server: server, format: .php)
            _ = try? await php.request(Self.id, "$_SESSION['a|b'] = 1;")
            #expect(try await peer.session(Self.id) == "")
        }
    }

    @Test func `a name of 128 bytes would change in php_binary, and is refused`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try MemcachedSessionHandler(server.address) { $0.format = .phpBinary }
            let name = String(repeating: "n", count: 128)
            let id = try await handler.makeSession(count: 1)
            let stored = try await peer.session(id)
            let error = await sessionError { try await handler.withSession(id: id) { $0[name] = 1 } }
            #expect(error?.code == .encodingFailed)
            #expect(try await peer.session(id) == stored)
            // The control: written all the same, PHP cannot decode it and deletes the session.
            let key = Array((Peer.prefix + id).utf8)
            let value: [UInt8] = [0x80] + Array((name + "i:1;").utf8)
            _ = try await peer.connection.exchange(
                RawFrame(opcode: Opcode.set, extras: [UInt8](repeating: 0, count: 8), key: key, value: value)
            )
            await #expect(throws: PHPPeer.Failure.self) {
                try await PHPPeer(server: server, format: .phpBinary).request(id, "")
            }
            #expect(try await peer.session(id)?.contains(name) != true)
        }
    }
}
