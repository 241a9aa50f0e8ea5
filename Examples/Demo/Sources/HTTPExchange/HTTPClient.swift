import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends one request on a connection of its own and waits for the whole response.
///
/// Made for small pages on the loopback interface: a connection per request, bodies in memory, no redirects.
package struct HTTPClient: Sendable {
    /// How long connecting may take.
    package var connectTimeout: Duration
    /// How long the response may take once there is a connection.
    package var responseTimeout: Duration
    /// The longest body of a response, in bytes.
    package var maximumResponseBytes: Int

    package init(
        connectTimeout: Duration = .seconds(2),
        responseTimeout: Duration = .seconds(20),
        maximumResponseBytes: Int = 1 << 20
    ) {
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// Sends a request.
    ///
    /// `Host`, `Content-Length` and `Connection` are filled in.
    ///
    /// - Parameters:
    ///   - request: What to ask.
    ///   - server: Whom to ask.
    /// - Returns: The response, whatever its status.
    /// - Throws: ``HTTPExchangeError``; its kind tells whether anything was sent. A cancelled task ends the exchange
    ///   as a broken connection.
    package func send(
        _ request: HTTPRequest,
        to server: HTTPServerAddress
    ) async throws(HTTPExchangeError) -> HTTPResponse {
        let (channel, response) = try await connect(to: server)
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(responseTimeout)) {
            channel.pipeline.fireUserInboundEventTriggered(ResponseCollector.DeadlineReached())
        }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        let result = await withTaskCancellationHandler {
            write(request, to: server, on: channel)
            return await response.getResult()
        } onCancel: {
            channel.close(promise: nil)
        }
        switch result {
        case .success(let response): return response
        case .failure(let error as HTTPExchangeError): throw error
        case .failure(let error): throw HTTPExchangeError(.broken, server, reason: "\(error)")
        }
    }

    private func connect(
        to server: HTTPServerAddress
    ) async throws(HTTPExchangeError) -> (any Channel, EventLoopFuture<HTTPResponse>) {
        let limit = maximumResponseBytes
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        do {
            return try await bootstrap.connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let promise = channel.eventLoop.makePromise(of: HTTPResponse.self)
                    let collector = ResponseCollector(server: server, limit: limit, promise: promise)
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(collector)
                    return (channel, promise.futureResult)
                }
            }
        } catch {
            throw HTTPExchangeError(.notConnected, server, reason: "\(error)")
        }
    }

    private func write(_ request: HTTPRequest, to server: HTTPServerAddress, on channel: any Channel) {
        var headers = request.headers
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: "\(server)") }
        headers.replaceOrAdd(name: "Connection", value: "close")
        headers.remove(name: "Transfer-Encoding")
        headers.remove(name: "Content-Length")
        if request.body.readableBytes > 0 || request.method.promisesBody {
            headers.add(name: "Content-Length", value: "\(request.body.readableBytes)")
        }
        let head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.target, headers: headers)
        // A write that fails closes the channel or finds it closed, and that completes the collector.
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if request.body.readableBytes > 0 {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(request.body)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

extension HTTPMethod {
    /// Whether a server expects to be told that there is no body.
    var promisesBody: Bool { self == .POST || self == .PUT || self == .PATCH }
}

extension EventLoopFuture where Value: Sendable {
    /// Waits for the future; never throws.
    fileprivate func getResult() async -> Result<Value, any Error> {
        do {
            return .success(try await get())
        } catch {
            return .failure(error)
        }
    }
}
