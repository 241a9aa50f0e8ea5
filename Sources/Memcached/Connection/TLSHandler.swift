import NIOCore
import NIOSSL
import NIOTLS

/// Stands between TLS and what speaks memcached: lets nothing through before the server has proved its name, tells
/// what went wrong in words, and lets nothing through after the end.
///
/// swift-nio-ssl verifies chain, dates and name, but takes more for a name than it should here: the address that the
/// socket is connected to, which whoever controls the DNS chooses, and a common name. So the certificate is looked at
/// once more. Lives on the channel's event loop.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case handshaking((Result<Void, MemcachedError>) -> Void)
        /// Our side of the handshake is done. With TLS 1.3 the server's judgement of the client comes only after it.
        case unconfirmed
        /// The server has sent something.
        case established
        case closed
    }

    private let tls: NIOSSLClientHandler
    private let trust: MemcachedTLS.Trust
    private let name: TLSServerName?
    private var state: State

    /// - Parameters:
    ///   - tls: The handler in front of this one.
    ///   - trust: Which certificates are good.
    ///   - name: What the server has to prove; nil when no name could be proved.
    ///   - completion: Called once, when the handshake is over; not when the channel is closed before from here.
    init(
        tls: NIOSSLClientHandler,
        trust: MemcachedTLS.Trust,
        name: TLSServerName?,
        completion: @escaping (Result<Void, MemcachedError>) -> Void
    ) {
        self.tls = tls
        self.trust = trust
        self.name = name
        self.state = .handshaking(completion)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshaking(let completion) = state, case .handshakeCompleted = event as? TLSUserEvent {
            if let refusal = refusal() {
                state = .closed
                completion(.failure(refusal))
            } else {
                state = .unconfirmed
                completion(.success(()))
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .established:
            context.fireChannelRead(data)
        case .unconfirmed:
            state = .established
            context.fireChannelRead(data)
        case .handshaking, .closed:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .handshaking(let completion):
            state = .closed
            completion(.failure(fault.duringHandshake(error)))
        case .unconfirmed:
            state = .closed
            context.fireErrorCaught(fault.beforeConfirmation(error))
        case .established:
            // An end without farewell is told by the end of the channel, as it is without TLS.
            if case .uncleanShutdown = error as? NIOSSLError { return }
            context.fireErrorCaught(TLSFault.afterwards(error))
        case .closed:
            break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .handshaking(let completion):
            state = .closed
            completion(.failure(fault.duringHandshake(ChannelError.eof)))
        case .unconfirmed:
            state = .closed
            context.fireErrorCaught(fault.beforeConfirmation(ChannelError.eof))
        case .established, .closed:
            break
        }
        context.fireChannelInactive()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if case .all = mode { state = .closed }
        context.close(mode: mode, promise: promise)
    }

    private var fault: TLSFault { TLSFault(trust: trust, name: name, certificate: tls.peerCertificate) }

    /// Why the server's certificate is not good enough, though swift-nio-ssl took it.
    private func refusal() -> MemcachedError? {
        guard trust.demandsName else { return nil }
        guard
            let name, let certificate = tls.peerCertificate, let bytes = try? certificate.toDERBytes(),
            let names = TLSCertificateNames(certificate: bytes), name.isAmong(names)
        else { return fault.wrongName() }
        return nil
    }
}
