extension MemcachedError {
    /// The kind of an error: an open set, so that a `switch` over it needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) {
            self.name = name
        }

        /// The name of the code, also fit for a metric label: there are few and they are fixed.
        public var description: String { name }

        /// A configuration, save path or environment variable does not make sense.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// A key is empty or, with its namespace, longer than 250 bytes.
        ///
        /// Nothing was sent.
        public static let invalidKey = Code("invalidKey")
        /// An argument is out of range.
        ///
        /// Nothing was sent.
        public static let invalidArgument = Code("invalidArgument")
        /// The item is larger than the server, or the protocol, takes.
        public static let valueTooLarge = Code("valueTooLarge")
        /// A stored value could not be turned into the type asked for.
        public static let decodingFailed = Code("decodingFailed")
        /// A value could not be turned into bytes.
        public static let encodingFailed = Code("encodingFailed")
        /// The stored value is not a decimal number, so it cannot be counted.
        public static let nonNumericValue = Code("nonNumericValue")

        /// The deadline passed.
        public static let timeout = Code("timeout")
        /// The calling task was cancelled.
        public static let cancelled = Code("cancelled")
        /// Too much is in flight and waiting already.
        public static let overloaded = Code("overloaded")
        /// The client has been shut down.
        public static let clientShutDown = Code("clientShutDown")

        /// No connection could be made: refused, unreachable, name not found.
        public static let connectionFailed = Code("connectionFailed")
        /// The connection ended while the operation was on it.
        public static let connectionLost = Code("connectionLost")
        /// The server has failed several times behind one another and is left alone for a moment; nothing was sent.
        ///
        /// The text says since when and why; ``MemcachedError/cause`` is the last failure.
        public static let serverDown = Code("serverDown")
        /// The server refused a connection because it has too many.
        public static let tooManyConnections = Code("tooManyConnections")

        /// No TLS connection could be made: the other side speaks no TLS, or the handshake failed.
        public static let tlsFailed = Code("tlsFailed")
        /// The server's certificate is not one to trust: of an unknown authority, expired, for another name, not pinned.
        public static let certificateRefused = Code("certificateRefused")

        /// The server refused user name and password.
        public static let authenticationRefused = Code("authenticationRefused")
        /// The server did not prove that it knows the password, or asked in SCRAM for what no good server would.
        public static let serverNotAuthenticated = Code("serverNotAuthenticated")
        /// The ``MemcachedCredentialsProvider`` failed or took too long.
        public static let credentialsUnavailable = Code("credentialsUnavailable")
        /// The server demands SASL and no credentials are configured.
        public static let authenticationRequired = Code("authenticationRequired")
        /// Credentials are configured and the server has no SASL.
        public static let authenticationUnsupported = Code("authenticationUnsupported")
        /// The server has SASL but no mechanism that may be used.
        public static let noSuitableMechanism = Code("noSuitableMechanism")

        /// What answers is not a memcached that speaks the binary protocol.
        public static let notBinaryProtocol = Code("notBinaryProtocol")
        /// A response did not match its request; the connection was closed before anyone could get wrong bytes.
        public static let protocolViolation = Code("protocolViolation")
        /// A response is larger than ``MemcachedConfiguration/Limits/responseBytes``.
        public static let responseTooLarge = Code("responseTooLarge")

        /// The server does not know the command.
        public static let unknownCommand = Code("unknownCommand")
        /// The server found the request malformed.
        public static let invalidRequest = Code("invalidRequest")
        /// The server has no memory for the item.
        public static let outOfMemory = Code("outOfMemory")
        /// The server is busy or failed for a moment; trying later may help.
        public static let temporaryFailure = Code("temporaryFailure")
        /// The server does not permit the operation to this user or at all.
        public static let notPermitted = Code("notPermitted")
        /// The server answered with a status that has no other code here.
        public static let serverError = Code("serverError")
        /// An item was changed by others each time it was to be updated.
        public static let conflict = Code("conflict")
        /// The server keeps no CAS (`memcached -C`), so a conditional operation cannot be trusted.
        public static let casUnavailable = Code("casUnavailable")
    }
}
