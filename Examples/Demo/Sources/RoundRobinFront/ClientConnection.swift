import HTTPExchange
import NIOCore
import NIOHTTP1

/// The connection of one client: reads request after request and answers each.
struct ClientConnection {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let channel: Channel
    private let forwarder: Forwarder
    private let limits: Limits
    private let client: String

    init(_ channel: Channel, forwarder: Forwarder, limits: Limits) {
        self.channel = channel
        self.forwarder = forwarder
        self.limits = limits
        client = channel.channel.remoteAddress?.ipAddress ?? "unknown"
    }

    /// Sets up the pipeline of a connection that has just been accepted.
    static func configure(_ channel: any NIOCore.Channel, _ limits: Limits) -> EventLoopFuture<Channel> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(limits.idle)))
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(IdleCloser())
            return try Channel(wrappingChannelSynchronously: channel)
        }
    }

    /// Serves until one of the two sides has had enough.
    func serve() async {
        // Whatever breaks a connection concerns its client only, who sees that it is closed.
        try? await channel.executeThenClose { parts, writer in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in parts {
                switch part {
                case .head(let value):
                    head = value
                    body = ByteBuffer()
                case .body(var bytes):
                    guard body.readableBytes + bytes.readableBytes <= limits.requestBytes else {
                        let refusal = HTTPResponse.plain(.payloadTooLarge, "The request is too large.")
                        return try await write(refusal, to: head, keepAlive: false, writer)
                    }
                    body.writeBuffer(&bytes)
                case .end:
                    guard let current = head else { return }
                    head = nil
                    let request = HTTPRequest(current.method, current.uri, headers: current.headers, body: body)
                    let response = await forwarder.forward(request, from: client)
                    try await write(response, to: current, keepAlive: current.isKeepAlive, writer)
                    guard current.isKeepAlive else { return }
                }
            }
        }
    }

    private func write(
        _ response: HTTPResponse,
        to request: HTTPRequestHead?,
        keepAlive: Bool,
        _ writer: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = response.headers
        let hasBody = response.status.mayHaveResponseBody && request?.method != .HEAD
        if hasBody {
            headers.replaceOrAdd(name: "Content-Length", value: "\(response.body.readableBytes)")
        }
        headers.add(name: "Connection", value: keepAlive ? "keep-alive" : "close")
        let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
        var parts: [HTTPServerResponsePart] = [.head(head)]
        if hasBody, response.body.readableBytes > 0 { parts.append(.body(.byteBuffer(response.body))) }
        parts.append(.end(nil))
        try await writer.write(contentsOf: parts)
    }
}

/// Closes a connection on which nothing happens any more.
private final class IdleCloser: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
