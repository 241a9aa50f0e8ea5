/// Why a ``ServerRing`` cannot be built, and what to do about it.
///
/// It names servers by their place in the list and never repeats a host: what was put there by mistake may be a secret.
public struct ServerSelectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// The list of servers is empty.
        public static let noServers = Code(description: "noServers")
        /// There are more than 65,536 servers.
        public static let tooManyServers = Code(description: "tooManyServers")
        /// A host or point name is empty, has control characters, or carries credentials.
        public static let invalidHost = Code(description: "invalidHost")
        /// A port is not in 0...65535.
        public static let portOutOfRange = Code(description: "portOutOfRange")
        /// A weight is not in 0...4294967295.
        public static let weightOutOfRange = Code(description: "weightOutOfRange")
        /// No server is left after ejection.
        public static let everyServerEjected = Code(description: "everyServerEjected")
        /// An ejected index is not an index of the list.
        public static let ejectedServerOutOfRange = Code(description: "ejectedServerOutOfRange")
        /// The map of virtual buckets points outside the list of servers.
        public static let bucketOutOfRange = Code(description: "bucketOutOfRange")
    }

    /// What is wrong.
    public let code: Code
    /// The place in the list that it is wrong with: of a server, or of a bucket with `.bucketOutOfRange`.
    public let index: Int?
    /// What is wrong and what to do, for people.
    public let description: String
}

extension ServerSelectionError {
    static var noServers: Self {
        Self(code: .noServers, index: nil, description: "There are no servers: list at least one.")
    }

    static func tooManyServers(_ count: Int) -> Self {
        Self(
            code: .tooManyServers,
            index: nil,
            description: "\(count) servers are more than the 65536 one ring can have: "
                + "split them into several clients, or list a proxy instead."
        )
    }

    static func invalidHost(at index: Int) -> Self {
        Self(
            code: .invalidHost,
            index: index,
            description: "The host or point name of server \(index) is empty or has control characters: "
                + "give a host name, an address, or the path of a Unix socket."
        )
    }

    static func credentialsInHost(at index: Int) -> Self {
        Self(
            code: .invalidHost,
            index: index,
            description: "The host of server \(index) has an \"@\": give the host alone, "
                + "and user and password in the client's authentication settings."
        )
    }

    static func portOutOfRange(at index: Int) -> Self {
        Self(
            code: .portOutOfRange,
            index: index,
            description: "The port of server \(index) is not in 0...65535: "
                + "correct it, or leave it out for 11211 (0 for a Unix socket)."
        )
    }

    static func weightOutOfRange(at index: Int) -> Self {
        Self(
            code: .weightOutOfRange,
            index: index,
            description: "The weight of server \(index) is not in 0...4294967295: "
                + "only the ratio of the weights counts, so divide all of them by the same number."
        )
    }

    static var everyServerEjected: Self {
        Self(
            code: .everyServerEjected,
            index: nil,
            description: "Every server is ejected: keep the ring as it was, or leave at least one server in."
        )
    }

    static func ejectedServerOutOfRange(_ index: Int, count: Int) -> Self {
        Self(
            code: .ejectedServerOutOfRange,
            index: index,
            description: "Server \(index) cannot be ejected, the list has \(count): "
                + "give indices into the list as it is now."
        )
    }

    static func bucketOutOfRange(_ bucket: Int, count: Int) -> Self {
        Self(
            code: .bucketOutOfRange,
            index: bucket,
            description: "Bucket \(bucket) is mapped to a server that is not in the list: "
                + "use indices in 0..<\(count), or list the missing servers."
        )
    }
}
