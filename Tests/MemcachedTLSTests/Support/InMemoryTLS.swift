import NIOCore
import NIOEmbedded
import NIOSSL

@testable import Memcached

/// A client's and a server's end of TLS without a socket between them.
final class InMemoryTLS {
    let client = EmbeddedChannel()
    private let server = EmbeddedChannel()
    /// What the handshake ended with, each time that it did.
    private(set) var results: [Result<Void, MemcachedError>] = []
    private let received = ReceivedInbound()

    /// Connects both and begins the handshake.
    init(_ certificate: Certificate, trust: MemcachedTLS.Trust) throws {
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.path).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: Certificate.serverKey, format: .pem))
        )
        settings.minimumTLSVersion = .tlsv13
        let context = try NIOSSLContext(configuration: settings)
        try server.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        try client.connect(to: address).wait()
        try server.connect(to: address).wait()
        let tls = try TLSContext(MemcachedTLS(trust: trust))
        try tls.secure(client, host: "cache.test") { self.results.append($0) }
        try client.pipeline.syncOperations.addHandler(received)
    }

    /// What came out behind TLS at the client.
    var clientReceived: [UInt8] { received.bytes }
    /// What came out behind TLS as errors at the client.
    var clientErrors: [any Error] { received.errors }

    /// Carries bytes to and fro until neither side has any left.
    func exchange() throws {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            client.embeddedEventLoop.run()
            while let bytes = try client.readOutbound(as: ByteBuffer.self) {
                isQuiet = false
                // What the server thinks of the client's refusal is its own affair.
                _ = try? server.writeInbound(bytes)
            }
            while let bytes = try server.readOutbound(as: ByteBuffer.self) {
                isQuiet = false
                // The client may have closed.
                _ = try? client.writeInbound(bytes)
            }
        }
    }

    /// Carries what the client wrote to the server: how many writes, and what they hold.
    func takeWrites() throws -> (count: Int, bytes: [UInt8]) {
        var count = 0
        while let bytes = try client.readOutbound(as: ByteBuffer.self) {
            count += 1
            try server.writeInbound(bytes)
        }
        var bytes: [UInt8] = []
        while let chunk = try server.readInbound(as: ByteBuffer.self) { bytes += chunk.readableBytesView }
        return (count, bytes)
    }

    /// Has the server send something, that the client gets with the next exchange.
    func send(_ text: String) {
        server.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    deinit {
        // Not `finish()`, which waits for farewells that nobody carries over.
        for channel in [client, server] {
            channel.close(promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        }
    }
}

/// Stands where the connection's handler stands.
private final class ReceivedInbound: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var bytes: [UInt8] = []
    private(set) var errors: [any Error] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        errors.append(error)
    }
}
