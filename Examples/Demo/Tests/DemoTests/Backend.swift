import HTTPExchange
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server for tests that answers every request with its name, or hangs up on it.
final class Backend: Sendable {
    enum Manner: Sendable {
        case answers
        case hangsUp
        case saysNothing
    }

    let address: HTTPServerAddress
    private let channel: any Channel
    private let heads: Heads

    /// Runs a server for the length of a closure.
    static func run<Value>(
        _ name: String,
        _ manner: Manner = .answers,
        _ body: (Backend) async throws -> Value
    ) async throws -> Value {
        let heads = Heads()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answerer(name, manner, heads))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let backend = Backend(channel, heads)
        do {
            let value = try await body(backend)
            try await channel.close().get()
            return value
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    private init(_ channel: any Channel, _ heads: Heads) {
        self.channel = channel
        self.heads = heads
        address = HTTPServerAddress(port: channel.localAddress?.port ?? 0)
    }

    /// The requests that have come.
    var requests: [HTTPRequestHead] { heads.all.withLock { $0 } }

    /// An address at which nobody listens.
    static func nobody() async throws -> HTTPServerAddress {
        try await run("nobody") { $0.address }
    }

    private final class Heads: Sendable {
        let all = Mutex<[HTTPRequestHead]>([])
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let name: String
        private let manner: Manner
        private let heads: Heads

        init(_ name: String, _ manner: Manner, _ heads: Heads) {
            self.name = name
            self.manner = manner
            self.heads = heads
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): heads.all.withLock { $0.append(head) }
            case .body: break
            case .end:
                switch manner {
                case .saysNothing: break
                case .hangsUp: context.close(promise: nil)
                case .answers: answer(context)
                }
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let body = ByteBuffer(string: name)
            let headers: HTTPHeaders = ["Content-Length": "\(name.utf8.count)", "Set-Cookie": "a=1", "X-Name": name]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
