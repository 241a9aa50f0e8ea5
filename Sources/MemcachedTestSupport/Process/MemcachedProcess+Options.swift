extension MemcachedProcess {
    /// How a memcached is started.
    public struct Options: Sendable {
        /// Users of a server that demands SASL; nil for a server without SASL.
        public var sasl: SASL?

        /// Whether the server listens on a unix socket in its private directory instead of on a TCP port.
        public var unixSocket: Bool

        /// Certificates of a server that demands TLS; nil for a server without TLS.
        public var tls: TLS?

        /// The numeric address to listen on, `::1` for IPv6; it has no meaning for a unix socket.
        public var host: String

        /// Further arguments, as on the command line: `["-M", "-m", "2"]`, `["-C"]`, `["-I", "2m"]`, `["-c", "64"]`.
        public var arguments: [String]

        /// Variables for the server, on top of those of this process.
        public var environment: [String: String]

        /// The program: a name that is looked up in `PATH`, or a path.
        public var executable: String

        /// How long starting may take before it fails.
        public var startTimeout: Duration

        /// Describes a server; without arguments a plain one on a free port of 127.0.0.1.
        /// - Parameters:
        ///   - sasl: Users of a server that demands SASL.
        ///   - unixSocket: Whether to listen on a unix socket instead of on a TCP port.
        ///   - tls: Certificates of a server that demands TLS.
        ///   - host: The numeric address to listen on.
        ///   - arguments: Further arguments, as on the command line.
        ///   - environment: Variables for the server, on top of those of this process.
        ///   - executable: The program, a name or a path.
        ///   - startTimeout: How long starting may take.
        public init(
            sasl: SASL? = nil,
            unixSocket: Bool = false,
            tls: TLS? = nil,
            host: String = "127.0.0.1",
            arguments: [String] = [],
            environment: [String: String] = [:],
            executable: String = "memcached",
            startTimeout: Duration = .seconds(60)
        ) {
            self.sasl = sasl
            self.unixSocket = unixSocket
            self.tls = tls
            self.host = host
            self.arguments = arguments
            self.environment = environment
            self.executable = executable
            self.startTimeout = startTimeout
        }
    }

    /// Who may use a server that demands SASL, and how they may say so.
    public struct SASL: Sendable {
        /// One user of the server.
        public struct User: Sendable, CustomStringConvertible, CustomReflectable {
            /// The name.
            public var name: String
            /// The password.
            public var password: String
            /// The realm; nil for the server's own, which is the host name.
            public var realm: String?

            /// Describes a user.
            /// - Parameters:
            ///   - name: The name.
            ///   - password: The password.
            ///   - realm: The realm, nil for the host name.
            public init(name: String, password: String, realm: String? = nil) {
                self.name = name
                self.password = password
                self.realm = realm
            }

            /// The name with its realm; never the password.
            public var description: String {
                realm.map { "\(name)@\($0)" } ?? name
            }

            /// Shows the name and the realm only, so that `dump` and failed expectations print no password.
            public var customMirror: Mirror {
                Mirror(self, children: ["name": name, "password": "<redacted>", "realm": realm as Any])
            }
        }

        /// The users; the first one is the one that ``MemcachedProcess/stats(_:)`` authenticates as.
        public var users: [User]

        /// The mechanisms that the server offers, in the words of Cyrus SASL's `mech_list`.
        public var mechanisms: String

        /// Describes a server with one user.
        /// - Parameters:
        ///   - user: The name.
        ///   - password: The password.
        ///   - mechanisms: The mechanisms offered, separated by blanks.
        public init(user: String, password: String, mechanisms: String = "plain") {
            self.init(users: [User(name: user, password: password)], mechanisms: mechanisms)
        }

        /// Describes a server with several users.
        /// - Parameters:
        ///   - users: The users, the first one being the one that reads statistics.
        ///   - mechanisms: The mechanisms offered, separated by blanks.
        public init(users: [User], mechanisms: String = "plain") {
            self.users = users
            self.mechanisms = mechanisms
        }
    }

    /// The files of a server that demands TLS.
    ///
    /// The test support makes no certificates and speaks no TLS. Such a server listens on a second port without
    /// TLS, over which readiness and statistics are asked for; see ``MemcachedProcess/plainAddress``.
    public struct TLS: Sendable {
        /// The path of the certificate chain, PEM.
        public var certificateChain: String
        /// The path of the private key, PEM.
        public var privateKey: String
        /// The path of the authorities whose client certificates are accepted, PEM; nil asks for none.
        public var clientAuthorities: String?
        /// Further words for the server's `-o`, such as `ssl_min_version=3`.
        public var extendedOptions: [String]

        /// Describes the files.
        /// - Parameters:
        ///   - certificateChain: The path of the certificate chain.
        ///   - privateKey: The path of the private key.
        ///   - clientAuthorities: The path of the authorities of clients; with it a client certificate is required.
        ///   - extendedOptions: Further words for `-o`.
        public init(
            certificateChain: String,
            privateKey: String,
            clientAuthorities: String? = nil,
            extendedOptions: [String] = []
        ) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
            self.clientAuthorities = clientAuthorities
            self.extendedOptions = extendedOptions
        }

        /// The value of `-o`.
        var extendedOption: String {
            var words = ["ssl_chain_cert=\(certificateChain)", "ssl_key=\(privateKey)"]
            if let clientAuthorities { words += ["ssl_ca_cert=\(clientAuthorities)", "ssl_verify_mode=2"] }
            return (words + extendedOptions).joined(separator: ",")
        }
    }
}
