import Memcached
import MemcachedSessions
import MemcachedTestSupport
import NIOCore
import Testing

@Suite struct WireTests {
    @Test(arguments: [false, true])
    func `keys, flags and the lock are where PHP has them`(unixSocket: Bool) async throws {
        try await withMemcached(.init(unixSocket: unixSocket)) { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession(count: 1)
            #expect(try await server.stat("curr_items") == 1)
            _ = try await handler.withSession(id: id) { session in
                let lock = try await peer.item("memc.sess.key.lock.\(id)")
                #expect(lock?.flags == [0, 0, 0, 0])
                #expect(lock?.value.isEmpty == false)
                #expect(lock?.value != "1")
                session["count", default: 0] += 1
            }
            let item = try await peer.item("memc.sess.key.\(id)")
            #expect(item?.flags == [0, 0, 0, 0])
            #expect(item?.value == "count|i:2;")
            #expect(try await peer.lock(id) == nil)
            #expect(try await server.stat("curr_items") == 1)
        }
    }

    @Test func `a connection is authenticated once for all sessions`() async throws {
        let options = MemcachedProcess.Options(sasl: .init(user: "alice", password: "s3cret"))
        try await withMemcached(options) { server in
            let handler = try MemcachedSessionHandler(server.address) {
                $0.client.credentials = .init(username: "alice", password: "s3cret")
            }
            let id = try await handler.makeSession()
            for count in 1...50 { #expect(try await handler.reload(id) == count) }
            let counts = try await server.connectionCounts()
            #expect(counts.opened == 1)
            #expect(counts.authentications == 1)
            #expect(counts.refusedAuthentications == 0)
        }
    }

    @Test func `PHP's article: a named pool is authenticated once, whoever opens it and however often`() async throws {
        let options = MemcachedProcess.Options(sasl: .init(user: "alice", password: "s3cret"))
        try await withMemcached(options) { server in
            guard case .tcp(let host, let port) = server.address else {
                Issue.record("not a TCP server")
                return
            }
            let name = "sessions_\(port)"
            func open() throws -> MemcachedSessionHandler {
                var configuration = try MemcachedSessionConfiguration(
                    phpINI: """
                        session.save_handler = memcached
                        session.save_path = "PERSISTENT=\(name) \(host):\(port)"
                        memcached.sess_binary = On
                        memcached.sess_sasl_username = ${USERNAME}
                        memcached.sess_sasl_password = ${PASSWORD}
                        """,
                    environment: ["USERNAME": "alice", "PASSWORD": "s3cret"]
                )
                configuration.client.timeouts.operation = .seconds(30)
                configuration.client.timeouts.connect = .seconds(30)
                return try MemcachedSessionHandler(configuration)
            }
            let id = try await open().makeSession()
            for count in 1...20 {
                let handler = try open()
                #expect(try await handler.reload(id) == count)
                await handler.shutdown()
            }
            let counts = try await server.connectionCounts()
            #expect(counts.opened == 1)
            #expect(counts.authentications == 1)
            #expect(await MemcachedClient.closeNamed(name))
        }
    }

    @Test func `two flights and no more`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let handler = try MemcachedSessionHandler(proxy.address)
                let id = try await handler.makeSession()
                let before = try await server.stats()
                _ = try await handler.reload(id)
                let after = try await server.stats()
                func rise(_ name: String) -> Int { (Int(after[name] ?? "") ?? 0) - (Int(before[name] ?? "") ?? 0) }
                // The session, and whether it is revoked.
                #expect(rise("cmd_get") == 2)
                #expect(rise("cmd_set") == 2)
                #expect(rise("delete_hits") == 1)
            }
        }
    }

    @Test func `on a ring sessions and locks may live apart`() async throws {
        let servers = [
            try await MemcachedProcess.start(), try await MemcachedProcess.start(), try await MemcachedProcess.start(),
        ]
        let handler = try MemcachedSessionHandler(servers[0].address, servers[1].address, servers[2].address)
        var apart = 0
        for _ in 0..<30 {
            let id = try await handler.makeSession()
            let session = handler.client.server(of: MemcachedKey(id))
            let lock = handler.client.server(of: MemcachedKey("lock." + id))
            if session != lock { apart += 1 }
            _ = try await handler.withSession(id: id) { opened in
                opened["count"] = 1
                for server in servers {
                    let peer = try await Peer.connect(server)
                    let isHome = MemcachedServer(server.address) == lock
                    let isLocked = try await peer.lock(id) != nil
                    #expect(isLocked == isHome)
                }
            }
            #expect(try await handler.reload(id) == 2)
            for server in servers {
                let peer = try await Peer.connect(server)
                #expect(try await peer.lock(id) == nil)
                let isHome = MemcachedServer(server.address) == session
                #expect(try await peer.session(id) == (isHome ? "count|i:2;" : nil))
            }
        }
        #expect(apart > 3)
        let renamed = try await handler.makeSession()
        let outcome = try await handler.withSession(id: renamed) { try $0.regenerateID() }
        #expect(outcome.cookie != .keep)
        for server in servers { await server.stop() }
    }

    @Test func `cookieless hits leave the cache as it is`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let id = try await handler.makeSession()
            let before = try await server.stats()
            for number in 0..<10_000 {
                let cookie = number.isMultiple(of: 2) ? nil : "lock.\(id)"
                let outcome = try await handler.withSession(id: cookie) { $0["count", default: 0] }
                #expect(outcome.cookie == .keep)
            }
            let after = try await server.stats()
            for name in ["curr_items", "total_items", "cmd_get", "cmd_set", "delete_misses", "touch_misses"] {
                #expect(before[name] == after[name], "\(name)")
            }
        }
    }

    @Test func `a server without CAS is refused, and nothing is left on it`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let handler = try MemcachedSessionHandler(server.address)
            let error = await sessionError { try await handler.makeSession() }
            #expect(error?.code == .unsafeServer)
            let id = "0123456789abcdefghijklmnopqrstuv"
            #expect(await sessionError { try await handler.reload(id) }?.code == .unsafeServer)
            let peer = try await Peer.connect(server)
            #expect(try await peer.lock(id) == nil)
        }
    }

    @Test func `sealed sessions are shared by those who have the keys, and tell the cache nothing`() async throws {
        try await withMemcached { server in
            let idKey = try MemcachedSessionConfiguration.Sealing.Key((0..<32).map { UInt8($0) })
            let key = try MemcachedSessionConfiguration.Sealing.Key((32..<64).map { UInt8($0) })
            @Sendable func seal(_ configuration: inout MemcachedSessionConfiguration) {
                configuration.prefix = "shop."
                configuration.sealing = .init(application: "shop", idKey: idKey, keys: [key])
            }
            let handler = try MemcachedSessionHandler(server.address, configure: seal)
            let id = try await handler.makeSession()
            for count in 1...3 { #expect(try await handler.reload(id) == count) }
            #expect(try await MemcachedSessionHandler(server.address, configure: seal).reload(id) == 4)
            let peer = try await Peer.connect(server)
            #expect(try await peer.item("shop.\(id)") == nil)
            #expect(try await server.stat("curr_items") == 1)
            let stranger = try MemcachedSessionHandler(server.address) {
                $0.prefix = "shop."
                $0.sealing = .init(application: "shop", idKey: idKey, keys: [idKey])
                $0.sealing?.idKey = key
            }
            #expect(try await stranger.withSession(id: id) { $0.isNew }.value)
            #expect(try await handler.withSession(id: id) { try $0.destroy() }.destruction == .underLock)
            #expect(try await server.stat("curr_items") == 0)
        }
    }

    @Test func `with leave, a server without CAS keeps sessions as far as it can`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let handler = try MemcachedSessionHandler(server.address) { $0.allowsUnfencedServers = true }
            try await handler.warmUp()
            let id = try await handler.makeSession()
            for count in 1...3 { #expect(try await handler.reload(id) == count) }
            let peer = try await Peer.connect(server)
            #expect(try await peer.lock(id) == nil)
            #expect(try await handler.withSession(id: id) { try $0.destroy() }.cookie == .clear)
            #expect(try await server.stat("curr_items") == 0)
        }
    }

    @Test func `a session that the server finds too large leaves the stored one alone`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) { $0.maximumBytes = 5_000_000 }
            let id = try await handler.makeSession(count: 7)
            let error = await sessionError {
                try await handler.withSession(id: id) { $0["large"] = String(repeating: "x", count: 1_500_000) }
            }
            #expect(error?.code == .tooLarge)
            #expect((error?.cause as? MemcachedError)?.status == 0x03)
            #expect(try await handler.reload(id) == 8)
        }
    }

    @Test func `large sessions come back byte for byte`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let id = try await handler.makeSession()
            let text = String(repeating: "0123456789", count: 99_000)
            _ = try await handler.withSession(id: id) { $0["text"] = text }
            let read = try await handler.withSession(id: id) { $0["text", default: ""] }
            #expect(read.value == text)
        }
    }

    @Test func `strict mode refuses an id that the server does not know, and nothing is stored under it`() async throws
    {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let forged = "0123456789abcdefghijklmnopqrstuv"
            let outcome = try await handler.withSession(id: forged) { session in
                #expect(session.isNew)
                session["count"] = 1
            }
            guard case .set(let id) = outcome.cookie else {
                Issue.record("no new id was given")
                return
            }
            #expect(id != forged)
            #expect(try await peer.session(forged) == nil)
            #expect(try await peer.session(id) == "count|i:1;")
            #expect(try await server.stat("curr_items") == 1)
        }
    }

    @Test func `a session that was logged out by another is not brought back`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let id = try await handler.makeSession()
            let error = await sessionError {
                try await handler.withSession(id: id) { session in
                    try await peer.delete("memc.sess.key.\(id)")
                    session["count"] = 5
                }
            }
            #expect(error?.code == .lost)
            #expect(try await server.stat("curr_items") == 0)
        }
    }

    @Test func `logout and login`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let old = try await handler.makeSession(count: 3)
            let login = try await handler.withSession(id: old) { session in
                session["user"] = "ada"
                try session.regenerateID()
            }
            guard case .set(let new) = login.cookie else {
                Issue.record("a login sets a new cookie")
                return
            }
            #expect(try await peer.session(old) == nil)
            #expect(try await peer.session(new) == #"count|i:3;user|s:3:"ada";"#)
            #expect(try await server.stat("curr_items") == 1)
            let logout = try await handler.withSession(id: new) { try $0.destroy() }
            #expect(logout.cookie == .clear)
            #expect(try await server.stat("curr_items") == 0)
        }
    }

    @Test func `PHP's verbs against a server`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let peer = try await Peer.connect(server)
            let session = handler.open()
            let id = try session.createSID()
            #expect(try await session.read(id).readableBytes == 0)
            try await session.write(id, .init(string: "count|i:1;"))
            await session.close()
            #expect(try await peer.session(id) == "count|i:1;")
            let next = handler.open()
            #expect(try await next.validateSID(id))
            let bytes = try await next.read(id)
            #expect(String(buffer: bytes) == "count|i:1;")
            try await next.updateTimestamp(id)
            #expect(try await peer.lock(id) != nil)
            try await next.destroy(id)
            await next.close()
            #expect(try await server.stat("curr_items") == 0)
        }
    }
}
