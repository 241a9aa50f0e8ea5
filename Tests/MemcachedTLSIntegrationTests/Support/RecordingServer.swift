import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server that keeps what each connection sends, and answers the first bytes with a text or not at all.
final class RecordingServer: Sendable {
    private let listener: any Channel
    private let received: NIOLockedValueBox<[[UInt8]]>
    let port: Int

    private init(_ listener: any Channel, _ received: NIOLockedValueBox<[[UInt8]]>) {
        self.listener = listener
        self.received = received
        self.port = listener.localAddress?.port ?? 0
    }

    /// What came, a row for each connection.
    var bytes: [[UInt8]] { received.withLockedValue { $0 } }

    /// Runs a server as long as a closure does.
    static func run<Value>(
        answering text: String?,
        _ body: (RecordingServer) async throws -> Value
    ) async throws -> Value {
        let received = NIOLockedValueBox<[[UInt8]]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let index = received.withLockedValue { rows in
                    rows.append([])
                    return rows.count - 1
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Recorder(received, index, text))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(RecordingServer(listener, received)))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        return try result.get()
    }
}

private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: NIOLockedValueBox<[[UInt8]]>
    private let index: Int
    private let text: String?

    init(_ received: NIOLockedValueBox<[[UInt8]]>, _ index: Int, _ text: String?) {
        self.received = received
        self.index = index
        self.text = text
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let chunk = unwrapInboundIn(data)
        received.withLockedValue { $0[index].append(contentsOf: chunk.readableBytesView) }
        guard let text else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
    }
}
