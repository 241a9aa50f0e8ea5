import HTTPTypes
import Hummingbird
import MemcachedSessions

/// The cookie that carries the session's id.
struct SessionCookie: Hashable, Sendable {
    /// The cookie's name.
    var name = "session"
    /// Whether browsers may send it over TLS only.
    var isSecure = true

    /// The id that a request brings; nil when it brings none, or several: a second cookie of the name can only have
    /// been planted, for example by a neighbouring subdomain, and there is no telling which one it is.
    func id(in headers: HTTPFields) -> String? {
        let values = headers[values: .cookie]
            .flatMap { $0.split(separator: ";") }
            .compactMap(value)
        return values.count == 1 ? values.first : nil
    }

    /// Does to the cookie what the session's outcome asks for.
    func apply(_ cookie: MemcachedSessionCookie, to headers: inout HTTPFields) {
        switch cookie {
        case .keep: break
        case .set(let id): headers.append(HTTPField(name: .setCookie, value: "\(name)=\(id)\(attributes)"))
        case .clear: headers.append(HTTPField(name: .setCookie, value: "\(name)=\(attributes); Max-Age=0"))
        }
    }

    private var attributes: String {
        "; Path=/; HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }

    /// The value of one `name=value` if the name is ours.
    private func value(of pair: Substring) -> String? {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].trimmingSpaces() == name else { return nil }
        return String(parts[1].trimmingSpaces())
    }
}

extension Substring {
    /// The text without blanks and tabs at its ends.
    fileprivate func trimmingSpaces() -> Substring {
        var slice = self
        while let first = slice.first, first == " " || first == "\t" { slice = slice.dropFirst() }
        while let last = slice.last, last == " " || last == "\t" { slice = slice.dropLast() }
        return slice
    }
}
