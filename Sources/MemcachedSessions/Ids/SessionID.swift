/// A text that may stand in a key: 22 to 231 characters of PHP's alphabet, so never `lock.` and something.
///
/// Every id that a client brings becomes one of these before a key is built. Printing it shows a label instead.
struct SessionID: Hashable, Sendable {
    static let minimumLength = 22
    /// What php-memcached's key leaves with its default prefix: 250 - `memc.sess.key.` - `lock.`.
    static let maximumLength = 231
    /// What stands between prefix and id in the key of a lock.
    static let lockPrefix = "lock."
    /// What stands between prefix and id in the key that revokes a session; as long as a lock's.
    static let revocationPrefix = "gone."
    /// The longest key of the binary protocol as memcached takes it.
    static let maximumKeyLength = 250

    /// What the client brought, or gets.
    let text: String
    /// What stands in the keys of the session and of its lock: the id, or what sealing makes of it.
    var name: String

    /// Checks an id; nil when it is none.
    ///
    /// - Parameters:
    ///   - text: What a client brought.
    ///   - prefix: The prefix of keys, whose length counts.
    init?(_ text: String, prefix: String) {
        let bytes = text.utf8
        guard
            bytes.count >= Self.minimumLength, bytes.count <= Self.maximumLength(prefix: prefix),
            bytes.withContiguousStorageIfAvailable(Self.areAllowed) ?? Self.areAllowed(Array(bytes))
        else { return nil }
        self.text = text
        self.name = text
    }

    /// The most characters of an id whose lock still has a valid key.
    static func maximumLength(prefix: String) -> Int {
        min(maximumLength, maximumKeyLength - lockPrefix.utf8.count - prefix.utf8.count)
    }

    private static func areAllowed(_ bytes: some Collection<UInt8>) -> Bool { bytes.allSatisfy(isAllowed) }

    /// The class `[0-9A-Za-z,-]`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: ","), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension SessionID {
    /// Feeds the text, of which the name follows.
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension SessionID {
    /// What logs show of an id: a keyed hash (SipHash) whose key is random in each process.
    ///
    /// It tells log lines of one process apart and says nothing of the id. It is no fingerprint to keep or to compare
    /// between processes.
    var label: String {
        var hasher = Hasher()
        hasher.combine(text)
        let hash = String(UInt(bitPattern: hasher.finalize()), radix: 16)
        return String(repeating: "0", count: max(0, 16 - hash.count)) + hash
    }
}

extension SessionID: CustomStringConvertible, CustomReflectable {
    /// The label, never the id.
    var description: String { "session \(label)" }
    /// Without children, so that `dump` does not show the id.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
