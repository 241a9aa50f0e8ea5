import NIOCore
import NIOPosix

/// A connection on which a test sends and receives bytes as they are, past any client.
///
/// One task reads at a time. Dropping the last reference closes the connection.
public final class RawConnection: Sendable {
    private let channel: any Channel
    private let received: ReceivedBytes

    /// Connects to a server.
    /// - Parameters:
    ///   - address: Where the server listens.
    ///   - timeout: How long connecting may take.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/connectionClosed`` that says why it failed.
    /// - Returns: The open connection.
    public static func connect(
        to address: TestServerAddress,
        timeout: Duration = .seconds(20)
    ) async throws(MemcachedTestSupportError) -> RawConnection {
        let received = ReceivedBytes()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawConnectionHandler(received: received))
                }
            }
        do {
            let channel: any Channel
            switch address {
            case .tcp(let host, let port):
                channel =
                    try await bootstrap
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .connect(host: host, port: port).get()
            case .unixSocket(let path):
                channel = try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
            return RawConnection(channel: channel, received: received)
        } catch {
            throw MemcachedTestSupportError(.connectionClosed, "Connecting to \(address) failed: \(error)")
        }
    }

    private init(channel: any Channel, received: ReceivedBytes) {
        self.channel = channel
        self.received = received
    }

    deinit {
        channel.close(mode: .all, promise: nil)
    }

    /// Whether the other side has ended its half of the connection or the connection is gone.
    public var isEnded: Bool {
        received.ended
    }

    /// Whether the connection has ended with an error, such as a reset, and not in an orderly way.
    public var hasFailed: Bool {
        received.failed
    }

    /// The port of this side, nil on a unix socket.
    public var localPort: Int? {
        channel.localAddress?.port
    }

    /// Sends bytes and waits until the operating system has taken them.
    /// - Parameter bytes: What to send.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/connectionClosed``.
    public func send(_ bytes: [UInt8]) async throws(MemcachedTestSupportError) {
        do {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        } catch {
            throw MemcachedTestSupportError(.connectionClosed, "Sending \(bytes.count) bytes failed: \(error)")
        }
    }

    /// Receives an exact number of bytes.
    /// - Parameters:
    ///   - count: How many.
    ///   - timeout: How long to wait for them.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/timeout`` or
    ///   ``MemcachedTestSupportError/Code/connectionClosed``.
    /// - Returns: That many bytes.
    public func receive(
        _ count: Int,
        timeout: Duration = .seconds(20)
    ) async throws(MemcachedTestSupportError) -> [UInt8] {
        try await received.take(timeout: timeout, on: channel.eventLoop) { bytes, _ in
            bytes.count >= count ? count : nil
        }
    }

    /// Receives one frame: the 24 bytes of its header and the body that they announce.
    /// - Parameter timeout: How long to wait for all of it.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/timeout``,
    ///   ``MemcachedTestSupportError/Code/connectionClosed`` or, if the first byte is no magic of the binary protocol,
    ///   ``MemcachedTestSupportError/Code/unexpectedAnswer``.
    /// - Returns: The frame.
    public func receiveFrame(timeout: Duration = .seconds(20)) async throws(MemcachedTestSupportError) -> RawFrame {
        let bytes = try await received.take(timeout: timeout, on: channel.eventLoop) { bytes, _ in
            guard let first = bytes.first else { return nil }
            guard first == RawFrame.requestMagic || first == RawFrame.responseMagic else { return 0 }
            guard let length = RawFrame.announcedLength(bytes), bytes.count >= length else { return nil }
            return length
        }
        guard let frame = RawFrame(bytes) else {
            throw MemcachedTestSupportError(.unexpectedAnswer, "What came is no frame of the binary protocol.")
        }
        return frame
    }

    /// Receives one line of text, up to and with its newline.
    /// - Parameter timeout: How long to wait for it.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/timeout`` or
    ///   ``MemcachedTestSupportError/Code/connectionClosed``.
    /// - Returns: The line without its line ending.
    public func receiveLine(timeout: Duration = .seconds(20)) async throws(MemcachedTestSupportError) -> String {
        let bytes = try await received.take(timeout: timeout, on: channel.eventLoop) { bytes, _ in
            bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 - bytes.startIndex }
        }
        var line = bytes.dropLast()
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    /// Receives everything until the other side ends its half of the connection.
    /// - Parameter timeout: How long to wait for the end.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/timeout``.
    /// - Returns: All bytes that had not been received before.
    public func receiveToEnd(timeout: Duration = .seconds(20)) async throws(MemcachedTestSupportError) -> [UInt8] {
        try await received.take(timeout: timeout, on: channel.eventLoop) { bytes, ended in
            ended ? bytes.count : nil
        }
    }

    /// Ends this side's half of the connection; the other half stays open.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/connectionClosed``.
    public func finishSending() async throws(MemcachedTestSupportError) {
        do {
            try await channel.close(mode: .output).get()
        } catch {
            throw MemcachedTestSupportError(.connectionClosed, "Ending the sending half failed: \(error)")
        }
    }

    /// Closes the connection; does nothing if it is closed already.
    public func close() async {
        try? await channel.close().get()
    }
}

/// Puts what a channel reads into a mailbox.
private final class RawConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: ReceivedBytes

    init(received: ReceivedBytes) {
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(unwrapInboundIn(data).readableBytesView)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event {
            received.end(reason: "the other side ended the connection")
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        received.end(reason: "the connection failed: \(error)", failed: true)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        received.end(reason: "the connection was closed")
        context.fireChannelInactive()
    }
}
