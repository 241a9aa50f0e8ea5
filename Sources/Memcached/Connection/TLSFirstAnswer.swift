import NIOCore

/// Looks at the first bytes of the server before BoringSSL does, which knows no difference between things that are no
/// TLS: a server at its connection limit says so in clear text.
///
/// Takes itself out of the pipeline then. Lives on the channel's event loop.
final class TLSFirstAnswer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        if let first = bytes.first, !Self.isRecord(first) {
            let answer = TextAnswer.error(for: bytes)
            if answer.code == .tooManyConnections { context.fireErrorCaught(answer) }
        }
        context.fireChannelRead(data)
        // Gone already if the channel was closed meanwhile, so nobody needs to hear of it.
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Whether a byte begins a record (RFC 8446 section 5.1): change_cipher_spec, alert, handshake, application_data.
    private static func isRecord(_ byte: UInt8) -> Bool { (20...23).contains(byte) }
}
