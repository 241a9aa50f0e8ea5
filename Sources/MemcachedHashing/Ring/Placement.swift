extension ServerRing {
    /// Where a key is kept, and why.
    public struct Placement: Sendable, Hashable, CustomStringConvertible {
        /// The index of the server.
        public let index: Int
        /// The server.
        public let server: RingServer
        /// The hash that decided; 0 when there is one server only.
        public let hash: UInt32
        /// What led from the hash to the server.
        public let reason: Reason
        /// The indices of the servers that keep the copies, as many as were asked for.
        public let replicas: [Int]

        /// What led from a hash to a server.
        public enum Reason: Sendable, Hashable {
            /// There is no other server.
            case onlyServer
            /// The hash modulo the number of servers.
            case modula
            /// This bucket of so many.
            case bucket(Int, of: Int)
            /// The point with this value, the `position`th (from 0) of so many: the first that is not below the hash, or
            /// the first of all when the hash is above the last.
            case point(value: UInt32, position: Int, of: Int)
        }

        /// One line for people: server, hash, reason and replicas, but not the key.
        public var description: String {
            var text = "\(server) (server \(index)), hash \(hash), "
            switch reason {
            case .onlyServer: text += "the only server"
            case .modula: text += "modula"
            case .bucket(let bucket, let count): text += "bucket \(bucket) of \(count)"
            case .point(let value, let position, let count): text += "point \(value) at \(position) of \(count)"
            }
            guard !replicas.isEmpty else { return text }
            return text + ", replicas " + replicas.map(String.init).joined(separator: " ")
        }
    }

    /// Explains where a key is kept.
    ///
    /// - Parameters:
    ///   - key: the key (or the group key), without the namespace.
    ///   - replicas: how many copies to place beside it.
    /// - Returns: the same server as ``index(forKey:)-(UnsafeRawBufferPointer)``, with the reason.
    public func placement(of key: UnsafeRawBufferPointer, replicas: Int = 0) -> Placement {
        let hash = hash(of: key)
        let index = index(forHash: hash)
        let reason: Placement.Reason
        switch rule {
        case .onlyServer:
            reason = .onlyServer
        case .modula:
            reason = .modula
        case .buckets(let servers):
            reason = .bucket(Self.bucket(of: hash, among: servers.count), of: servers.count)
        case .continuum(let continuum):
            let position = continuum.position(of: hash)
            reason = .point(value: continuum.values[position], position: position, of: continuum.values.count)
        }
        return Placement(
            index: index,
            server: servers[index],
            hash: hash,
            reason: reason,
            replicas: self.replicas(of: index, count: replicas)
        )
    }

    /// Explains where a key is kept.
    ///
    /// - Parameters:
    ///   - key: the bytes of the key (or of the group key), without the namespace.
    ///   - replicas: how many copies to place beside it.
    /// - Returns: the server, with the reason.
    public func placement(of key: some Collection<UInt8>, replicas: Int = 0) -> Placement {
        withContiguousBytes(of: key) { placement(of: $0, replicas: replicas) }
    }

    /// Explains where a key is kept.
    ///
    /// - Parameters:
    ///   - key: the key (or the group key), without the namespace.
    ///   - replicas: how many copies to place beside it.
    /// - Returns: the server, with the reason.
    public func placement(of key: String, replicas: Int = 0) -> Placement {
        withContiguousBytes(of: key) { placement(of: $0, replicas: replicas) }
    }

    /// How many points of the continuum belong to each server, by index; `nil` without a continuum.
    ///
    /// A server without points keeps no key: its weight is too small beside the others', it is ejected, or it is listed
    /// twice.
    public var pointCounts: [Int]? {
        guard let continuum else { return nil }
        var counts = Array(repeating: 0, count: servers.count)
        for owner in continuum.owners { counts[Int(owner)] += 1 }
        return counts
    }
}
