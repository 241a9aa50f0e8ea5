import NIOCore
import NIOSSL
import Testing

@testable import Memcached

/// The words for what BoringSSL reports, where no server of the integration tests can be made to cause it.
@Suite struct TLSFaultTests {
    private let fault = TLSFault(trust: .systemRoots, name: .name("cache.example"), certificate: nil)

    @Test func `an end of the connection says that the port may not be one for TLS`() {
        for error: any Error in [
            NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), ChannelError.eof,
            ChannelError.ioOnClosedChannel,
        ] {
            let told = fault.duringHandshake(error)
            #expect(told.code == .tlsFailed)
            #expect(told.outcome == .rejected)
            #expect(told.description.contains("memcached -Z"))
        }
    }

    @Test func `an error without a reason in BoringSSL's words keeps its name`() {
        let told = fault.duringHandshake(NIOSSLError.noCertificateToValidate)
        #expect(told.code == .tlsFailed)
        #expect(told.description.contains("noCertificateToValidate"))
    }

    @Test func `an end right after the handshake says that a client certificate may be wanted`() {
        let told = fault.beforeConfirmation(ChannelError.eof)
        #expect(told.code == .tlsFailed)
        #expect(told.description.contains("client certificate"))
    }

    @Test func `errors of an established connection say that TLS broke, and others stay what they are`() throws {
        let broken = try #require(TLSFault.afterwards(BoringSSLError.sslError([])) as? MemcachedError)
        #expect(broken.code == .connectionLost)
        #expect(broken.outcome == .unknown)
        #expect(TLSFault.afterwards(ChannelError.eof) as? ChannelError == .eof)
    }

    @Test func `an unreadable certificate is refused with the name that was wanted`() {
        let told = fault.wrongName()
        #expect(told.code == .certificateRefused)
        #expect(told.description.contains("cannot be read") && told.description.contains("cache.example"))
    }

    @Test func `errors that are none of BoringSSL's have no reasons`() {
        #expect(TLSFault.reasons(ChannelError.eof).isEmpty)
        #expect(TLSFault.reasons(NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake]))) == ["EOF"])
    }
}
