import NIOCore
import NIOEmbedded
import Testing

@testable import Memcached

/// What passes between TLS and the connection, and when, without a socket.
@Suite struct TLSHandlerTests {
    private static let trusted = MemcachedTLS.Trust.pinned([.certificate(Certificate.good.source)])

    @Test func `a handshake is told once, and what the server sends behind it comes through`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        #expect(tls.results.isEmpty)
        tls.send("sent by the server as soon as it may")
        try tls.exchange()
        #expect(tls.results.count == 1)
        try tls.results.first?.get()
        #expect(String(decoding: tls.clientReceived, as: UTF8.self) == "sent by the server as soon as it may")
        #expect(tls.clientErrors.isEmpty)
    }

    @Test func `a batch is one write to the socket`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        try tls.exchange()
        let parts = [24, 16_384, 70_000, 1]
        for part in parts.dropLast() { tls.client.write(ByteBuffer(repeating: 7, count: part), promise: nil) }
        #expect(try tls.takeWrites().count == 0)
        tls.client.writeAndFlush(ByteBuffer(repeating: 7, count: 1), promise: nil)
        let (count, bytes) = try tls.takeWrites()
        #expect(count == 1)
        #expect(bytes == Array(repeating: 7, count: parts.reduce(0, +)))
    }

    @Test(arguments: [
        (Certificate.good, MemcachedTLS.Trust.authorities(Certificate.authority.source), true),
        (.address, .authorities(Certificate.authority.source), false),
        (.commonName, .authorities(Certificate.authority.source), false),
        (.elsewhere, .authorities(Certificate.authority.source), false),
        (.unknown, .authorities(Certificate.authority.source), false),
        (.expired, TLSHandlerTests.trusted, false),
        (.expired, .dangerouslyTrustAnyServer, true),
    ])
    func `nothing of a server that is not trusted comes through`(
        certificate: Certificate,
        trust: MemcachedTLS.Trust,
        isTrusted: Bool
    ) throws {
        let tls = try InMemoryTLS(certificate, trust: trust)
        tls.send("hello")
        try tls.exchange()
        let result = try #require(tls.results.first)
        #expect(tls.results.count == 1)
        switch result {
        case .success:
            #expect(isTrusted)
            #expect(String(decoding: tls.clientReceived, as: UTF8.self) == "hello")
        case .failure(let error):
            #expect(!isTrusted)
            #expect(error.code == .certificateRefused)
            #expect(tls.clientReceived.isEmpty)
        }
    }

    @Test func `nothing comes through after the end`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        try tls.exchange()
        tls.send("on its way already")
        tls.client.close(promise: nil)
        try tls.exchange()
        #expect(tls.clientReceived.isEmpty)
        #expect(tls.clientErrors.isEmpty)
        #expect(!tls.client.isActive)
    }

    @Test func `an end before the server has said anything is told, a later one is the channel's to tell`() throws {
        for hasSpoken in [false, true] {
            let tls = try InMemoryTLS(.good, trust: Self.trusted)
            if hasSpoken { tls.send("hello") }
            try tls.exchange()
            tls.client.pipeline.fireChannelInactive()
            let errors = tls.clientErrors.map { ($0 as? MemcachedError)?.code }
            #expect(errors == (hasSpoken ? [] : [.tlsFailed]))
        }
    }

    @Test func `a channel that ends during the handshake fails it`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        tls.client.pipeline.fireChannelInactive()
        let error = failure { () throws(MemcachedError) in try tls.results.first?.get() }
        #expect(error?.code == .tlsFailed)
        #expect(tls.clientErrors.isEmpty)
    }

    @Test func `bytes that are no TLS fail the handshake`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        _ = try? tls.client.writeInbound(ByteBuffer(string: "ERROR\r\n"))
        let error = try #require(
            failure { () throws(MemcachedError) in try tls.results.first?.get() }
        )
        #expect(error.code == .tlsFailed)
        #expect(error.description.contains("does not speak TLS"))
        #expect(tls.clientReceived.isEmpty)
    }

    @Test func `a server at its connection limit says so in clear text`() throws {
        let tls = try InMemoryTLS(.good, trust: Self.trusted)
        _ = try? tls.client.writeInbound(ByteBuffer(string: "ERROR Too many open connections\r\n"))
        let error = failure { () throws(MemcachedError) in try tls.results.first?.get() }
        #expect(error?.code == .tooManyConnections)
        #expect(tls.results.count == 1)
        #expect(tls.clientReceived.isEmpty)
    }
}
