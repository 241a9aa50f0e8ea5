#if HummingbirdSupport
import MemcachedSessions

/// The `Set-Cookie` headers of a session cookie, in the words of PHP's own so that both set one and the same.
struct SetCookieHeader {
    let cookie: MemcachedSessionConfiguration.Cookie

    /// The header that sets the cookie to an id.
    ///
    /// - Parameters:
    ///   - id: A session id.
    ///   - isSecure: Whether the browser shall send it over TLS only.
    /// - Returns: The header's value.
    func setting(_ id: String, isSecure: Bool) -> String {
        // A comma must not stand in a cookie (RFC 6265, section 4.1.1); PHP escapes it too.
        var text =
            "\(cookie.name)=\(id.split(separator: ",", omittingEmptySubsequences: false).joined(separator: "%2C"))"
        if let lifetime = cookie.lifetime { text += "; Max-Age=\(lifetime.components.seconds)" }
        return text + attributes(isSecure: isSecure)
    }

    /// The header that makes the browser forget the cookie.
    ///
    /// Name, path and domain have to be those that it was set with.
    ///
    /// - Parameter isSecure: As for ``setting(_:isSecure:)``: a browser lets no other replace a secure cookie.
    /// - Returns: The header's value.
    func clearing(isSecure: Bool) -> String {
        "\(cookie.name)=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0" + attributes(isSecure: isSecure)
    }

    private func attributes(isSecure: Bool) -> String {
        var text = "; Path=\(cookie.path)"
        if let domain = cookie.domain { text += "; Domain=\(domain)" }
        if isSecure { text += "; Secure" }
        if cookie.isHTTPOnly { text += "; HttpOnly" }
        if let sameSite = cookie.sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        return text
    }
}
#endif
