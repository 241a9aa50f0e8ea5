#if HummingbirdSupport
import HTTPTypes
import MemcachedSessions
import NIOCore

/// Decides whether a session cookie is to go over TLS only.
struct CookieSecurity: Sendable {
    private static let forwardedProtocol = HTTPField.Name("X-Forwarded-Proto")

    let secure: MemcachedSessionConfiguration.Cookie.Secure
    /// Whose word is taken for what the browser speaks; nobody's by default.
    let proxies: [AddressRange]

    /// Whether the cookie of a response is to be secure.
    ///
    /// It is, unless configuration says never, or one of the proxies says that the browser came over plain HTTP: all of
    /// the header's values then say so. Of anybody else the header means nothing.
    ///
    /// - Parameters:
    ///   - headers: The request's headers.
    ///   - peer: Who sent the request; nil when that is not known.
    /// - Returns: Whether to set `Secure`.
    func isSecure(_ headers: HTTPFields, from peer: SocketAddress?) -> Bool {
        guard secure == .always else { return false }
        guard
            let name = Self.forwardedProtocol, let peer, proxies.contains(where: { $0.contains(peer) })
        else { return true }
        let values = headers[values: name].flatMap { $0.split(separator: ",") }
        return values.isEmpty || !values.allSatisfy { $0.trimmingBlanks().lowercased() == "http" }
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
#endif
