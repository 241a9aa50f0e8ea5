import Memcached
import MemcachedTestSupport
import NIOCore
import NIOPosix
import Testing

/// What stands on the port is not the server that was meant: each case ends within the deadline and says what to do.
@Suite struct WrongServerTests {
    /// Runs a listener that answers every connection's first bytes with a text, or never.
    private func withListener(
        answering text: String?,
        _ body: (MemcachedServer) async throws -> Void
    ) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TextResponder(text: text))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        do {
            try await body(.tcp("127.0.0.1", port: UInt16(try #require(channel.localAddress?.port))))
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }

    private func configuration(
        _ server: MemcachedServer,
        authenticated: Bool,
        connect: Duration
    ) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [server])
        configuration.timeouts.operation = connect * 2
        configuration.timeouts.connect = connect
        if authenticated {
            configuration.credentials = MemcachedCredentials(username: "alice", password: "hidden-word")
        }
        return configuration
    }

    /// The error, and that it came within the deadline and a slack for a busy machine.
    private func error(
        from server: MemcachedServer,
        authenticated: Bool,
        connect: Duration = .seconds(5)
    ) async throws -> MemcachedError {
        let client = try MemcachedClient(configuration(server, authenticated: authenticated, connect: connect))
        let began = ContinuousClock.now
        let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
        #expect(ContinuousClock.now - began < connect * 2 + .seconds(10))
        let found = try #require(error)
        #expect(!found.description.contains("hidden-word"))
        #expect(found.server == server.label)
        return found
    }

    @Test(arguments: [true, false])
    func `an HTTP server is recognised`(authenticated: Bool) async throws {
        try await withListener(answering: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") { server in
            let error = try await error(from: server, authenticated: authenticated)
            #expect(error.code == .notBinaryProtocol)
            #expect(error.description.contains("HTTP server") && error.description.contains("check host and port"))
        }
    }

    @Test(arguments: [true, false])
    func `a server that accepts and says nothing ends with the deadline`(authenticated: Bool) async throws {
        try await withListener(answering: nil) { server in
            let error = try await error(from: server, authenticated: authenticated, connect: .seconds(4))
            #expect(error.code == .timeout)
            #expect(error.outcome == (authenticated ? .notSent : .unknown))
            #expect(error.description.contains("check that a memcached"))
        }
    }

    @Test(arguments: [
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{16}", "TLS"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "check host and port"),
        ("ERROR\r\n", "text protocol only"),
    ])
    func `other protocols are recognised`(text: String, advice: String) async throws {
        try await withListener(answering: text) { server in
            let error = try await error(from: server, authenticated: false)
            #expect(error.code == .notBinaryProtocol)
            #expect(error.outcome == .rejected)
            #expect(error.description.contains(advice))
        }
    }

    @Test func `too many connections is told apart`() async throws {
        try await withListener(answering: "ERROR Too many open connections\r\n") { server in
            let error = try await error(from: server, authenticated: false)
            #expect(error.code == .tooManyConnections)
            #expect(error.outcome == .rejected)
        }
    }

    @Test func `a port where nobody listens is refused at once`() async throws {
        var port: MemcachedServer?
        try await withListener(answering: nil) { port = $0 }
        let error = try await error(from: try #require(port), authenticated: false)
        #expect(error.code == .connectionFailed)
        #expect(error.outcome == .notSent)
        #expect(error.description.contains("memcached is up"))
    }

    @Test func `a name that does not exist is told`() async throws {
        let error = try await error(from: .tcp("no-such-host.invalid"), authenticated: false)
        #expect([.connectionFailed, .timeout].contains(error.code))
        #expect(error.outcome == .notSent)
    }
}

private final class TextResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let text: String?

    init(text: String?) {
        self.text = text
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let text else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
    }
}
