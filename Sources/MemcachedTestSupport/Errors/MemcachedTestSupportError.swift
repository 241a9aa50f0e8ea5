/// What went wrong in the test support itself: a program is missing, a server did not start, an exchange timed out.
///
/// Errors of the client under test are never wrapped in this type. Equality is by ``code``. The text never holds a
/// password.
public struct MemcachedTestSupportError: Error, Sendable {
    /// The kind of failure; open, so that kinds can be added without breaking a `switch`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, as it appears in ``MemcachedTestSupportError/description``.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// No `memcached` program was found.
        public static let memcachedMissing = Code("memcachedMissing")
        /// No `saslpasswd2` program was found, so no user can be made for a SASL server.
        public static let saslToolsMissing = Code("saslToolsMissing")
        /// The `memcached` that was found was built without SASL.
        public static let saslUnsupported = Code("saslUnsupported")
        /// The `memcached` that was found was built without TLS.
        public static let tlsUnsupported = Code("tlsUnsupported")
        /// The server ended, or did not answer, before it was ready; the text holds what it printed.
        public static let serverDidNotStart = Code("serverDidNotStart")
        /// The operation needs a running server and this one has been stopped or has ended.
        public static let notRunning = Code("notRunning")
        /// No free port was found on the loopback interface.
        public static let noFreePort = Code("noFreePort")
        /// A system call failed; the text names it.
        public static let system = Code("system")
        /// The other side did not answer in time.
        public static let timeout = Code("timeout")
        /// The connection was closed before the expected bytes had come.
        public static let connectionClosed = Code("connectionClosed")
        /// The other side answered with something that is not what the protocol asks for.
        public static let unexpectedAnswer = Code("unexpectedAnswer")
    }

    /// The kind of failure.
    public let code: Code

    /// A sentence that says what happened and, where something can be done, what to do.
    public let message: String

    /// Makes an error.
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: A sentence for the person who runs the tests.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension MemcachedTestSupportError: CustomStringConvertible {
    /// The code and the message, on one line where the message is one line.
    public var description: String {
        "MemcachedTestSupportError(\(code)): \(message)"
    }
}

extension MemcachedTestSupportError: Equatable {
    /// Two errors are equal when their codes are.
    /// - Parameters:
    ///   - lhs: An error.
    ///   - rhs: Another error.
    /// - Returns: Whether both are of the same kind.
    public static func == (lhs: MemcachedTestSupportError, rhs: MemcachedTestSupportError) -> Bool {
        lhs.code == rhs.code
    }
}
