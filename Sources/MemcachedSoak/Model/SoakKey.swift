import Memcached

/// A key of the run: a number that its values carry, and the name under which they are stored.
struct SoakKey: Sendable {
    /// What the key's values carry.
    let number: UInt32
    /// Whether decimal numbers are stored under it instead of pieces.
    let isCounter: Bool
    /// The key on the wire.
    let name: MemcachedKey

    /// Names come in all kinds that memcached takes: short text, bytes that are no text, and the longest there may be.
    ///
    /// - Parameters:
    ///   - number: The number.
    ///   - namespaceLength: The length in bytes of what the client puts before the name.
    init(number: UInt32, namespaceLength: Int = 0) {
        self.number = number
        self.isCounter = number % 4 == 3
        let text = "\(SoakKey.mark)\(number):"
        switch number % 5 {
        case 0: self.name = MemcachedKey(bytes: Array(text.utf8) + [0x00, 0x0A, 0x20, 0xFF])
        case 1: self.name = MemcachedKey(text + String(repeating: "k", count: 250 - namespaceLength - text.utf8.count))
        default: self.name = MemcachedKey(text)
        }
    }

    /// What every name begins with, and no text of an error may hold.
    static let mark = "soak-key-"
}

extension SoakKey: Hashable {
    static func == (left: SoakKey, right: SoakKey) -> Bool { left.number == right.number }

    func hash(into hasher: inout Hasher) {
        hasher.combine(number)
    }
}
