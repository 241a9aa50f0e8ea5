/// What a client's servers and connections are doing at the moment.
///
/// A picture of one moment, for people, tools and metrics; nothing in it is a secret. See ``MemcachedClient/status``.
public struct MemcachedStatus: Sendable {
    /// How a server is.
    public enum Health: Sendable {
        /// Operations on it are answered.
        case up
        /// Operations failed, and not often enough yet to leave it alone.
        ///
        /// Since how long, and the last failure.
        case suspect(for: Duration, MemcachedError)
        /// It is left alone, but for one operation now and then.
        ///
        /// Since how long, and the last failure.
        case down(for: Duration, MemcachedError)
    }

    /// One connection.
    public struct Connection: Sendable {
        /// How long ago it was made.
        public var age: Duration
        /// Requests without an answer, those included that nobody waits for any more.
        public var requestsInFlight: Int
        /// Of those, the ones whose callers have given up.
        public var tombstones: Int
        /// Whether a name and a password were accepted on it.
        public var isAuthenticated: Bool
        /// Whether it is encrypted.
        public var isEncrypted: Bool
        /// Whether a request has run out of time on it and nothing has come since.
        public var isSuspect: Bool
        /// Whether it takes nothing new and ends when what is in flight has been answered.
        public var isDraining: Bool
    }

    /// What has happened since the client was made.
    public struct Totals: Hashable, Sendable {
        /// Connections made.
        public var connections: Int
        /// Attempts to connect that failed.
        public var failedConnections: Int
        /// Requests that ran out of time after they were sent.
        public var timeouts: Int
        /// Requests whose callers gave up, by timeout or cancellation, after they were sent.
        public var tombstones: Int
        /// Answers to such requests that came later and were dropped.
        public var lateResponsesDropped: Int
        /// Connections closed because an answer did not fit its request.
        public var poisoned: Int
    }

    /// One server.
    public struct Server: Sendable {
        /// Which one.
        public var server: MemcachedServer
        /// How it is.
        public var health: Health
        /// The connections to it.
        public var connections: [Connection]
        /// Operations that wait for a connection or for room on one.
        public var waiting: Int
        /// Whether a connection is being made.
        public var isConnecting: Bool
        /// What has happened since the client was made.
        public var totals: Totals

        /// Its label, `host:port` or a socket's path, never credentials.
        public var label: String { server.label }
        /// Requests without an answer on all its connections.
        public var requestsInFlight: Int { connections.reduce(0) { $0 + $1.requestsInFlight } }
    }

    /// The servers, in the order of the configuration.
    public var servers: [Server]
}

extension MemcachedStatus: CustomStringConvertible {
    /// A line for each server.
    public var description: String {
        servers.map(\.description).joined(separator: "\n")
    }
}

extension MemcachedStatus.Server: CustomStringConvertible {
    /// One line, such as "10.0.0.1:11211 up, 1 connection, 3 in flight, 0 waiting".
    public var description: String {
        let plural = connections.count == 1 ? "" : "s"
        return "\(label) \(health), \(connections.count) connection\(plural), \(requestsInFlight) in flight, "
            + "\(waiting) waiting"
    }
}

extension MemcachedStatus.Health: CustomStringConvertible {
    /// In words, such as "down for 12 s (connectionFailed)".
    public var description: String {
        switch self {
        case .up: "up"
        case .suspect(let time, let error): "suspect for \(time.components.seconds) s (\(error.code))"
        case .down(let time, let error): "down for \(time.components.seconds) s (\(error.code))"
        }
    }
}
