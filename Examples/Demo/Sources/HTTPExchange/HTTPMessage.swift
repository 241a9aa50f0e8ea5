package import NIOCore
package import NIOHTTP1

/// Where an HTTP server listens.
package struct HTTPServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host name or numeric address.
    package var host: String
    /// A TCP port.
    package var port: Int

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(host):\(port)" }
}

/// A request with its whole body.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// What stands in the request line: a path with its query.
    package var target: String
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(
        _ method: HTTPMethod,
        _ target: String,
        headers: HTTPHeaders = HTTPHeaders(),
        body: ByteBuffer = ByteBuffer()
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A response with its whole body.
package struct HTTPResponse: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(
        _ status: HTTPResponseStatus,
        headers: HTTPHeaders = HTTPHeaders(),
        body: ByteBuffer = ByteBuffer()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text.
    package var text: String { String(buffer: body) }
}
