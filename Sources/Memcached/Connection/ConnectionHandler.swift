import MemcachedWire
import NIOCore

/// The channel's end of a connection: reads frames, runs the handshake, tells the connection of its end.
///
/// Lives on the channel's event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How long to wait for the rest of a line of text that tells what answered.
    private static let textPatience = TimeAmount.milliseconds(100)

    private static let closedWithoutAnswer =
        "the server closed the connection without an answer. If it always does, check that a memcached with the binary "
        + "protocol listens there, and whether it demands SASL or TLS"

    private let connection: Connection
    private let ready: EventLoopPromise<Connection>
    private let authenticator: ServerAuthenticator
    private let isEncrypted: Bool
    private var handshake: HandshakeStateMachine
    private var isConfirmed: Bool
    private var intake: Intake
    private var foreignBytes: [UInt8]?
    private var speculation = SpeculativeRead()
    private var context: ChannelHandlerContext?

    /// - Parameters:
    ///   - connection: What requests go to.
    ///   - authenticator: What the handshake asks about the server.
    ///   - credentials: With which the handshake authenticates.
    ///   - isEncrypted: Whether the channel is encrypted.
    ///   - maximumBodyBytes: Longer responses end the connection.
    ///   - isConfirmed: Whether the connection may be used without an answer to anything yet. With TLS 1.3 it may not: the
    ///     server judges the client after the client's handshake is over, so the first answer is what tells.
    ///   - ready: Completed when the handshake is over.
    init(
        connection: Connection,
        authenticator: ServerAuthenticator,
        credentials: MemcachedCredentials?,
        isEncrypted: Bool,
        maximumBodyBytes: Int,
        isConfirmed: Bool,
        ready: EventLoopPromise<Connection>
    ) {
        self.connection = connection
        self.ready = ready
        self.authenticator = authenticator
        self.isEncrypted = isEncrypted
        self.handshake = HandshakeStateMachine(
            credentials: credentials,
            preparation: authenticator.policy.preparation,
            nonce: SCRAMExchange.randomNonce(),
            secondNonce: SCRAMExchange.randomNonce()
        )
        self.intake = Intake(maximumBodyBytes: maximumBodyBytes)
        self.isConfirmed = isConfirmed
    }

    /// The handler is added to a channel that is connected already.
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.begin(self)
        if isConfirmed {
            perform(handshake.connected(), context: context)
        } else {
            connection.sendHandshake(Request(opcode: .version))
        }
    }

    /// The channel has ended, also one that is closed before it has told anybody that it is active: such a one does not
    /// tell that it is inactive either.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection.letGo()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let chunk = unwrapInboundIn(data)
        // Who is resumed and runs on this loop goes on in this turn, when all of this is done.
        connection.executor.runningJobs { received(chunk, context: context) }
    }

    /// Takes what the socket has already, past the channel.
    ///
    /// - Parameter buffer: To be read into; what it has no room for is left to the channel.
    func readAhead(into buffer: inout ByteBuffer) {
        guard let context, let socket = connection.socket, speculation.looks() else { return }
        let count = socket.read(into: &buffer)
        speculation.looked(andFound: count > 0 && buffer.writableBytes > 0)
        guard count > 0 else { return }
        received(buffer, context: context)
        // Keeps the storage unless a response shares it.
        buffer.clear()
    }

    private func received(_ chunk: ByteBuffer, context: ChannelHandlerContext) {
        if foreignBytes != nil { return collectForeign(chunk, context: context) }
        var round = intake.receive(chunk, isUnwanted: connection.isForTombstone)
        let handshakeResponses = connection.deliver(&round)
        intake.finish(&round)
        if let fault = round.fault { framingFailed(fault, context: context) }
        for response in handshakeResponses {
            if isConfirmed {
                perform(handshake.received(response), context: context)
            } else {
                isConfirmed = true
                perform(handshake.connected(), context: context)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.service()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let foreignBytes {
            end(TextAnswer.error(for: foreignBytes), context: context)
        } else if intake.reader.isInsideFrame {
            end(
                MemcachedError(
                    .connectionLost,
                    "the server closed the connection inside a response",
                    outcome: .unknown
                ),
                context: context
            )
        } else {
            end(
                MemcachedError(
                    .connectionLost,
                    intake.reader.hasSeenFrame
                        ? "the server closed the connection; it may have been restarted, or it closes idle ones"
                        : Self.closedWithoutAnswer,
                    outcome: .unknown
                ),
                context: context
            )
        }
        connection.letGo()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let told = error as? MemcachedError
        let detail = intake.reader.hasSeenFrame ? "the connection failed" : Self.closedWithoutAnswer
        end(
            told ?? MemcachedError(.connectionLost, detail, outcome: .unknown, cause: error),
            context: context
        )
    }

    private func perform(_ action: HandshakeStateMachine.Action, context: ChannelHandlerContext) {
        switch action {
        case .send(let request):
            connection.sendHandshake(request)
        case .choose(let offered):
            let choice = authenticator.choose(
                among: offered,
                isEncrypted: isEncrypted,
                peer: context.channel.remoteAddress
            )
            perform(handshake.chose(choice), context: context)
        case .derive(let derivation):
            authenticator.keys(for: derivation, on: context.eventLoop).assumeIsolated()
                .whenComplete { result in
                    do {
                        self.perform(self.handshake.derived(try result.get()), context: context)
                    } catch {
                        self.errorCaught(context: context, error: error)
                    }
                }
        case .ready:
            ready.succeed(connection)
        case .fail(let error):
            end(error, context: context)
        case .ignore:
            break
        }
    }

    private func framingFailed(_ fault: FramingError, context: ChannelHandlerContext) {
        switch fault {
        case .notBinary where !intake.reader.hasSeenFrame:
            foreignBytes = []
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let this = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            context.value.eventLoop.scheduleTask(in: Self.textPatience) {
                this.value.endForeign(context: context.value)
            }
            collectForeign(intake.reader.buffer, context: context.value)
        case .bodyTooLarge(let declared, let limit):
            end(
                MemcachedError(
                    .responseTooLarge,
                    "a response of \(declared) bytes was announced; limits.responseBytes is \(limit)",
                    outcome: .unknown
                ),
                context: context
            )
        case .notBinary, .inconsistentLengths, .truncated:
            connection.notePoisoned()
            end(
                MemcachedError(
                    .protocolViolation,
                    "the stream of responses is out of step; the connection was closed and nothing of it used",
                    outcome: .unknown
                ),
                context: context
            )
        }
    }

    private func collectForeign(_ chunk: ByteBuffer, context: ChannelHandlerContext) {
        let room = TextAnswer.sufficientByteCount - (foreignBytes?.count ?? 0)
        foreignBytes?.append(contentsOf: chunk.readableBytesView.prefix(max(0, room)))
        guard let foreignBytes, TextAnswer.isComplete(foreignBytes) else { return }
        endForeign(context: context)
    }

    private func endForeign(context: ChannelHandlerContext) {
        guard let foreignBytes else { return }
        end(TextAnswer.error(for: foreignBytes), context: context)
    }

    /// The connection is over, whichever side said so first.
    private func end(_ error: MemcachedError, context: ChannelHandlerContext) {
        connection.close(error)
        ready.fail(error)
        context.close(promise: nil)
    }
}
