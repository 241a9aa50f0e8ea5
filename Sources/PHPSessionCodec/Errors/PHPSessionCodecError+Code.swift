extension PHPSessionCodecError {
    /// A kind of failure.
    ///
    /// New kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) { self.name = name }

        /// The name of the code, fit for a metric label.
        public var description: String { name }

        /// The bytes do not follow the format's grammar.
        public static let malformed = Code("malformed")

        /// The bytes end inside a value.
        public static let unexpectedEnd = Code("unexpectedEnd")

        /// A back-reference points to nothing, to itself, or to something that cannot be shared.
        public static let badReference = Code("badReference")

        /// The bytes hold something that this codec cannot keep.
        public static let unsupported = Code("unsupported")

        /// The bytes are a value but not a session: their root is neither an array nor an object.
        public static let notASession = Code("notASession")

        /// The input or the output is longer than ``PHPSessionLimits/maximumBytes``.
        public static let tooLarge = Code("tooLarge")

        /// Containers are nested deeper than ``PHPSessionLimits/maximumDepth``, or than the format's reader in PHP allows.
        public static let tooDeep = Code("tooDeep")

        /// More values than ``PHPSessionLimits/maximumValues``, counted with references followed.
        public static let tooManyValues = Code("tooManyValues")

        /// A reference leads back into itself, which JSON and Codable cannot say.
        public static let cycle = Code("cycle")

        /// A name of a session variable that PHP would drop, or that would make PHP delete the session.
        public static let refusedName = Code("refusedName")

        /// A value that the format, JSON, or PHP reading it back cannot hold.
        public static let notRepresentable = Code("notRepresentable")

        /// A path leads through something that is neither an array nor an object with such a property.
        public static let notAContainer = Code("notAContainer")
    }
}
