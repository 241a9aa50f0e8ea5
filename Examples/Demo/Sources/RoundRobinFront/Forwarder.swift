import HTTPExchange
import NIOCore
import NIOHTTP1
import Synchronization

/// Finds the process whose turn it is and gives a request to it.
final class Forwarder: Sendable {
    private let backends: [HTTPServerAddress]
    private let onResponse: @Sendable (HTTPResponse) -> Void
    private let turns: Mutex<RoundRobin>
    private let client = HTTPClient()

    init(backends: [HTTPServerAddress], onResponse: @escaping @Sendable (HTTPResponse) -> Void) {
        self.backends = backends
        self.onResponse = onResponse
        turns = Mutex(RoundRobin(count: backends.count))
    }

    /// Forwards a request to the next process that takes a connection.
    ///
    /// - Parameters:
    ///   - request: What the client sent.
    ///   - client: The client's address.
    /// - Returns: The response of the process; 503 when none takes a connection, 502 or 504 when one took the request
    ///   and gave no whole response.
    func forward(_ request: HTTPRequest, from client: String) async -> HTTPResponse {
        var request = request
        request.headers = ForwardedHeaders.request(request.headers, from: client)
        var tried: Set<Int> = []
        while let turn = turns.withLock({ $0.next(excluding: tried) }) {
            tried.insert(turn)
            do throws(HTTPExchangeError) {
                var response = try await self.client.send(request, to: backends[turn])
                onResponse(response)
                response.headers = ForwardedHeaders.endToEnd(response.headers)
                return response
            } catch {
                switch error.kind {
                case .notConnected: continue
                case .timeout: return .plain(.gatewayTimeout, "The process did not answer in time.")
                case .broken, .tooLarge: return .plain(.badGateway, "The process gave no whole response.")
                }
            }
        }
        return .plain(.serviceUnavailable, "No process takes connections.")
    }
}

extension HTTPResponse {
    /// A response of the front itself: one sentence, not to be kept by anybody.
    static func plain(_ status: HTTPResponseStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status,
            headers: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"],
            body: ByteBuffer(string: "\(text)\n")
        )
    }
}
