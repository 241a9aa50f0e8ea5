import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// Swift's locks and logouts beside a live PHP that holds, waits for, or outlives its own.
@Suite struct PHPLockTests {
    private static let id = "0123456789abcdefghijklmnopqrstuv"

    /// PHP source that holds the session until the key `go` is there.
    private static let hold = """
        $m = new Memcached(); [$host, $port] = explode(':', $argv[1]); $m->addServer($host, (int)$port);
        while ($m->get('go') === false) { usleep(5000); }

        """

    private static func handler(
        _ server: MemcachedProcess,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> MemcachedSessionHandler {
        try MemcachedSessionHandler(server.address) {
            $0.format = .php
            configure(&$0)
        }
    }

    @Test func `Swift waits while PHP holds the session, and sees what PHP wrote`() async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: .php)
            let peer = try await Peer.connect(server)
            // As long as it takes: the machine may be slow.
            let handler = try Self.handler(server) {
                $0.locking.retries = 400
                $0.locking.timeout = .seconds(60)
            }
            async let printed = php.request(Self.id, Self.hold + "$_SESSION['count'] = 7;")
            #expect(try await eventually(within: .seconds(60)) { try await peer.lock(Self.id) == "1" })
            async let count = handler.reload(Self.id)
            try await Task.sleep(for: .milliseconds(300))
            try await peer.set("go", "1")
            #expect(try await count == 8)
            #expect(try await printed == "")
            #expect(try await php.request(Self.id, "echo $_SESSION['count'];") == "8")
        }
    }

    @Test func `a session that PHP holds for longer is reported as locked, and PHP's lock stays`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try Self.handler(server) { $0.locking.retries = 1 }
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            async let printed = PHPPeer(server: server, format: .php).request(Self.id, Self.hold)
            #expect(try await eventually(within: .seconds(60)) { try await peer.lock(Self.id) == "1" })
            let error = await sessionError { try await handler.reload(Self.id) }
            #expect(error?.code == .locked)
            #expect(try await peer.lock(Self.id) == "1")
            try await peer.set("go", "1")
            #expect(try await printed == "")
            #expect(try await peer.lock(Self.id) == nil)
        }
    }

    @Test func `a session that PHP writes back after a logout is used by no Swift process`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try Self.handler(server) { $0.locking.retries = 1 }
            try await peer.set(Peer.prefix + Self.id, "user|s:3:\"ada\";")
            async let printed = PHPPeer(server: server, format: .php)
                .request(Self.id, Self.hold + "$_SESSION['count'] = 1;")
            #expect(try await eventually(within: .seconds(60)) { try await peer.lock(Self.id) == "1" })
            #expect(try await handler.destroySession(id: Self.id) == .withoutLock)
            #expect(try await peer.session(Self.id) == nil)
            try await peer.set("go", "1")
            #expect(try await printed == "")
            // The control: PHP has logged the user in again.
            #expect(try await peer.session(Self.id)?.contains("ada") == true)
            let another = try Self.handler(server)
            #expect(try await another.withSession(id: Self.id) { $0.isNew }.value)
            #expect(try await peer.session(Self.id) == nil)
        }
    }

    @Test func `a lock that Swift lost to PHP is not deleted, and nothing is written in PHP's turn`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try Self.handler(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:1;")
            let php = PHPPeer(server: server, format: .php)
            let task = Task { try await php.request(Self.id, Self.hold + "$_SESSION['count'] += 10;") }
            // PHP is in its turn; Swift believes that it holds the lock, as after a restart of the server.
            #expect(try await eventually(within: .seconds(60)) { try await peer.lock(Self.id) == "1" })
            try await peer.delete(Peer.prefix + "lock." + Self.id)
            let error = await sessionError {
                try await handler.withSession(id: Self.id) { session in
                    try await peer.set(Peer.prefix + "lock." + Self.id, "1")
                    session["count"] = 2
                }
            }
            #expect(error?.code == .lockLost)
            #expect(try await peer.lock(Self.id) == "1")
            try await peer.set("go", "1")
            _ = try await task.value
            #expect(try await peer.lock(Self.id) == nil)
        }
    }

    @Test func `PHP gives up while Swift holds, and goes on when Swift has finished`() async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: .php)
            let handler = try Self.handler(server)
            let id = try await handler.makeSession(count: 5)
            _ = try await handler.withSession(id: id) { session in
                // Control: the default is 750 ms.
                await #expect(throws: PHPPeer.Failure.self) { try await php.request(id, "") }
                session["count", default: 0] += 1
            }
            #expect(try await php.request(id, "echo $_SESSION['count'];") == "6")
        }
    }
}
