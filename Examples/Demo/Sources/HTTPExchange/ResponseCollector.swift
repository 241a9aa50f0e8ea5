import NIOCore
import NIOHTTP1

/// Puts the parts of one response together and completes a promise with it, or with why there is none.
final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// Sent through the pipeline when the time for the response is up.
    struct DeadlineReached: Sendable {}

    private let server: HTTPServerAddress
    private let limit: Int
    /// Nil once it has been completed.
    private var promise: EventLoopPromise<HTTPResponse>?
    private var response: HTTPResponse?

    init(server: HTTPServerAddress, limit: Int, promise: EventLoopPromise<HTTPResponse>) {
        self.server = server
        self.limit = limit
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            response = HTTPResponse(head.status, headers: head.headers)
        case .body(var bytes):
            let length = (response?.body.readableBytes ?? 0) + bytes.readableBytes
            guard length <= limit else { return fail(.tooLarge, reason: "over \(limit) bytes", context) }
            response?.body.writeBuffer(&bytes)
        case .end:
            guard let response else { return fail(.broken, reason: "an end without a beginning", context) }
            complete(.success(response))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is DeadlineReached { return fail(.timeout, reason: "", context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken, reason: "\(error)", context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        complete(.failure(HTTPExchangeError(.broken, server, reason: "closed before the response was complete")))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Also on paths without `channelInactive`, such as a connection attempt that fails: no promise stays open.
        complete(.failure(HTTPExchangeError(.broken, server, reason: "never connected")))
    }

    private func fail(_ kind: HTTPExchangeError.Kind, reason: String, _ context: ChannelHandlerContext) {
        complete(.failure(HTTPExchangeError(kind, server, reason: reason)))
        context.close(promise: nil)
    }

    private func complete(_ result: Result<HTTPResponse, HTTPExchangeError>) {
        let promise = self.promise
        self.promise = nil
        promise?.completeWith(result.mapError { $0 as any Error })
    }
}
