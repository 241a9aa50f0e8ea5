/// Finds keys that stand twice in a batch.
///
/// A hash table of positions with linear probing, half empty at least. It is a good deal faster than a `Set`, which a
/// batch would have beside its dictionary of results. The hash is seeded anew in each process, so that nobody can choose
/// keys that collide.
struct KeySet {
    private static let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// The position of a key and a part of its hash; a position of 0 is no key.
    private var slots: [(position: UInt32, tag: UInt32)]
    private let mask: Int

    /// - Parameter capacity: How many keys there may be, less than 2^31.
    init(capacity: Int) {
        var size = 16
        while size < 2 * capacity { size *= 2 }
        slots = Array(repeating: (0, 0), count: size)
        mask = size - 1
    }

    /// Whether no key stands twice.
    static func areDistinct(_ keys: [MemcachedKey]) -> Bool {
        var set = KeySet(capacity: keys.count)
        return keys.indices.allSatisfy { set.insert(keys[$0], at: $0, of: keys) }
    }

    /// Takes a key in.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - position: Its position, less than the capacity.
    ///   - keys: Those that were taken in so far, at their positions.
    /// - Returns: Whether it is not among them.
    mutating func insert(_ key: MemcachedKey, at position: Int, of keys: [MemcachedKey]) -> Bool {
        let hash = Self.hash(key)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].position != 0 {
            if slots[index].tag == tag, keys[Int(slots[index].position) - 1] == key { return false }
            index = (index + 1) & mask
        }
        slots[index] = (UInt32(position + 1), tag)
        return true
    }

    /// Folds eight bytes after eight bytes into the hash by a multiplication of full width.
    private static func hash(_ key: MemcachedKey) -> UInt64 {
        key.withUnsafeBytes { bytes in
            var hash = seed.0 ^ UInt64(bytes.count)
            var offset = 0
            while offset + 8 <= bytes.count {
                hash = mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < bytes.count {
                rest = rest << 8 | UInt64(bytes[offset])
                offset += 1
            }
            return mix(hash, rest)
        }
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: seed.1)
        return product.high ^ product.low
    }
}
