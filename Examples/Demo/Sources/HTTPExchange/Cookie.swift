/// A cookie as a browser sees it in a `Set-Cookie` header (RFC 6265, section 4.1).
package struct Cookie: Hashable, Sendable {
    package var name: String
    package var value: String
    /// The attributes, names in lower case; flags have an empty value.
    package var attributes: [String: String]

    /// Reads the value of a `Set-Cookie` header; nil if it has no name.
    package init?(setCookie header: String) {
        let fields = header.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
        guard let pair = fields.first, let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
            return nil
        }
        name = String(pair[..<equals])
        value = String(pair[pair.index(after: equals)...])
        attributes = [:]
        for field in fields.dropFirst() where !field.isEmpty {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard let name = parts.first else { continue }
            attributes[name.lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// Whether the header asks for the cookie to be forgotten.
    package var isExpired: Bool {
        attributes["max-age"].flatMap { Int($0) }.map { $0 <= 0 } ?? false
    }
}

/// The cookies of one browser for one site.
package struct CookieJar: Hashable, Sendable {
    package private(set) var cookies: [String: String] = [:]

    package init() {}

    /// The value of the `Cookie` header, nil without cookies.
    package var header: String? {
        guard !cookies.isEmpty else { return nil }
        return cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    }

    /// Keeps a cookie by hand.
    package mutating func keep(_ name: String, _ value: String) {
        cookies[name] = value
    }

    /// Does what the `Set-Cookie` headers of a response say.
    package mutating func take(from headers: [String]) {
        for cookie in headers.compactMap(Cookie.init(setCookie:)) {
            cookies[cookie.name] = cookie.isExpired ? nil : cookie.value
        }
    }
}

extension StringProtocol {
    /// The text without blanks and tabs at its ends.
    fileprivate func trimmingSpaces() -> SubSequence {
        var slice = self[...]
        while let first = slice.first, first == " " || first == "\t" { slice = slice.dropFirst() }
        while let last = slice.last, last == " " || last == "\t" { slice = slice.dropLast() }
        return slice
    }
}
