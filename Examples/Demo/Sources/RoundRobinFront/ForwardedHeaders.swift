import NIOHTTP1

/// What a proxy does to headers on their way (RFC 9110, section 7.6.1).
enum ForwardedHeaders {
    /// Headers that concern one connection only.
    private static let hopByHop = [
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    ]
    /// Headers that tell about the client.
    ///
    /// What a client says about itself here is not believed.
    private static let claims = [
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP",
    ]

    /// The headers for the process behind the front.
    ///
    /// - Parameters:
    ///   - headers: What the client sent.
    ///   - client: The client's address.
    /// - Returns: What to send.
    static func request(_ headers: HTTPHeaders, from client: String) -> HTTPHeaders {
        var result = endToEnd(headers)
        for name in claims { result.remove(name: name) }
        result.add(name: "X-Forwarded-For", value: client)
        result.add(name: "X-Forwarded-Proto", value: "http")
        if let host = headers.first(name: "Host") { result.add(name: "X-Forwarded-Host", value: host) }
        return result
    }

    /// The headers without those that concern one connection, those named in `Connection` included.
    static func endToEnd(_ headers: HTTPHeaders) -> HTTPHeaders {
        var result = headers
        for name in headers[canonicalForm: "Connection"] { result.remove(name: String(name)) }
        for name in hopByHop { result.remove(name: name) }
        return result
    }
}
