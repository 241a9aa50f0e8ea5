/// The keys derived last, so that a pool of connections to one server does not derive the same ones again and again.
///
/// It helps with servers that keep one salt for each user. memcached with the database of Cyrus SASL makes a new salt for
/// each exchange, and nothing can be remembered there. Keys are as good as the password, which is in memory too.
/// Printing a cache shows nothing.
struct SCRAMKeyCache: Sendable {
    private let capacity: Int
    /// The newest last.
    private var entries: [(derivation: SCRAMDerivation, keys: SCRAMKeys)] = []

    init(capacity: Int = 4) {
        self.capacity = capacity
    }

    /// The keys, if they have been derived lately.
    subscript(derivation: SCRAMDerivation) -> SCRAMKeys? {
        entries.last { $0.derivation == derivation }?.keys
    }

    /// Keeps keys, and forgets the oldest ones beyond the capacity.
    mutating func insert(_ keys: SCRAMKeys, for derivation: SCRAMDerivation) {
        guard self[derivation] == nil else { return }
        entries.append((derivation, keys))
        if entries.count > capacity { entries.removeFirst(entries.count - capacity) }
    }

    /// Forgets everything, as when the credentials have changed.
    mutating func removeAll() {
        entries.removeAll()
    }
}

extension SCRAMKeyCache: CustomStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
