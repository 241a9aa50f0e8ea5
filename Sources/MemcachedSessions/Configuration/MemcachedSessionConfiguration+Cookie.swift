extension MemcachedSessionConfiguration {
    /// The session cookie, so that PHP and Swift set one and the same.
    ///
    /// The handler itself sets none; whoever answers the request does, with ``MemcachedSessionOutcome/cookie``.
    public struct Cookie: Hashable, Sendable {
        /// Whether the cookie goes over TLS only.
        public enum Secure: Hashable, Sendable {
            /// It does.
            case always
            /// It goes over clear text too, where anybody on the way can read it.
            case never
        }

        /// With which requests from other sites the cookie is sent.
        public enum SameSite: String, Hashable, Sendable {
            /// With links that lead here.
            case lax = "Lax"
            /// With none.
            case strict = "Strict"
            /// With all; browsers want it secure then.
            case anySite = "None"
        }

        /// Its name (`session.name`).
        ///
        /// Default `PHPSESSID`.
        public var name = "PHPSESSID"
        /// The path it is sent for (`session.cookie_path`).
        ///
        /// Default `/`.
        public var path = "/"
        /// The domain it is sent to (`session.cookie_domain`).
        ///
        /// Default nil: the host that set it.
        public var domain: String?
        /// How long the browser keeps it (`session.cookie_lifetime`).
        ///
        /// Default nil: until it is closed.
        public var lifetime: Duration?
        /// Whether it goes over TLS only (`session.cookie_secure`).
        ///
        /// Default ``Secure/always``, unlike PHP.
        public var secure: Secure = .always
        /// Whether scripts in the page cannot read it (`session.cookie_httponly`).
        ///
        /// Default true, unlike PHP.
        public var isHTTPOnly = true
        /// With which requests from other sites it is sent (`session.cookie_samesite`).
        ///
        /// Default ``SameSite/lax``; nil to leave it to the browser, as PHP does.
        public var sameSite: SameSite? = .lax

        /// The defaults.
        public init() {}
    }
}

extension MemcachedSessionConfiguration.Cookie {
    /// Checks that the cookie can be written into a header as it is.
    func validate() throws(MemcachedSessionError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedSessionError) {
            guard condition else { throw MemcachedSessionError(.invalidConfiguration, advice) }
        }
        try require(
            !name.isEmpty && name.utf8.allSatisfy(Self.isTokenByte),
            "cookie.name has to be of letters, digits and !#$%&'*+-.^_`|~"
        )
        try require(
            !name.utf8.allSatisfy { (0x30...0x39).contains($0) },
            "cookie.name cannot be a number: PHP takes none"
        )
        try require(
            path.hasPrefix("/") && path.utf8.allSatisfy(Self.isAttributeByte),
            "cookie.path has to begin with a slash and to be of printable ASCII without a semicolon"
        )
        if let domain {
            try require(
                !domain.isEmpty && domain.utf8.allSatisfy { Self.isAttributeByte($0) && $0 != 0x20 },
                "cookie.domain has to be of printable ASCII without blank and semicolon"
            )
        }
        if let lifetime {
            try require(
                lifetime >= .seconds(1),
                "cookie.lifetime has to be at least 1 s; nil is until the browser ends"
            )
            try require(lifetime <= .seconds(Int32.max), "cookie.lifetime is too long")
        }
        try require(sameSite != .anySite || secure == .always, "cookie.sameSite None needs a secure cookie")
    }

    /// The characters of an HTTP token (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// What an attribute's value may hold (RFC 6265, section 4.1.1).
    private static func isAttributeByte(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: ";")
    }
}
