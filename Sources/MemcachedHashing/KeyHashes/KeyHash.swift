extension ServerSelection {
    /// A function that turns a key into the 32-bit number by which a server is chosen.
    ///
    /// These are the hash functions of libmemcached; the raw value of a case is libmemcached's own name for it
    /// (`MEMCACHED_HASH_…` in lower case), so a configuration written for another client can be read as it stands:
    /// `KeyHash(rawValue: "fnv1a_64")`. Definitions and constants: `libhashkit` of libmemcached 1.1.4.
    public enum KeyHash: String, Sendable, Hashable, CaseIterable {
        /// Bob Jenkins' one-at-a-time hash, what libmemcached uses when nothing else is asked for.
        case oneAtATime = "default"
        /// The first four bytes of the MD5 digest, read little-endian.
        case md5
        /// Bits 16 to 30 of zlib's CRC-32: only 32,768 different values.
        case crc
        /// FNV-1 with the 64-bit parameters, the low 32 bits of the result.
        case fnv1_64
        /// FNV-1a with the 64-bit parameters cut to 32 bits.
        case fnv1a_64
        /// FNV-1, 32 bits.
        case fnv1_32
        /// FNV-1a, 32 bits.
        case fnv1a_32
        /// Paul Hsieh's SuperFastHash.
        ///
        /// Most distributions build libmemcached without it, and then it refuses the setting.
        case hsieh
        /// MurmurHash2 for 32-bit machines, seeded with the length of the key.
        case murmur
        /// Bob Jenkins' lookup3 (`hashlittle`) with the initial value 13.
        case jenkins
        /// MurmurHash3 for 32-bit machines, seeded with the length of the key.
        case murmur3
    }

    /// How the bytes of a key above 127 enter the arithmetic of a hash function.
    ///
    /// C leaves the sign of `char` to the platform, and libmemcached adds `char`s. It matters for the one-at-a-time and
    /// the FNV hashes, and for Hsieh's when three bytes are left over; keys in ASCII are never affected.
    public enum ByteSign: Sendable, Hashable {
        /// As on x86-64, and on arm64 under macOS: such a byte is a negative number, extended to 32 bits.
        case signed
        /// As on arm64 under Linux: such a byte is a number from 128 to 255.
        case unsigned
    }
}

extension ServerSelection.KeyHash {
    /// The hash of a key.
    ///
    /// - Parameters:
    ///   - key: the bytes of the key; any number of them, none included.
    ///   - byteSign: how bytes above 127 are read.
    /// - Returns: what libmemcached's function of the same name returns.
    public func hash(
        of key: UnsafeRawBufferPointer,
        byteSign: ServerSelection.ByteSign = .signed
    ) -> UInt32 {
        switch self {
        case .oneAtATime: return oneAtATimeHash(key, byteSign)
        case .md5: return MD5(of: key).words[0]
        case .crc: return (crc32(key) >> 16) & 0x7fff
        case .fnv1_64: return fnv1Hash(key, .sixtyFourBits, byteSign)
        case .fnv1a_64: return fnv1aHash(key, .sixtyFourBits, byteSign)
        case .fnv1_32: return fnv1Hash(key, .thirtyTwoBits, byteSign)
        case .fnv1a_32: return fnv1aHash(key, .thirtyTwoBits, byteSign)
        case .hsieh: return superFastHash(key, byteSign)
        case .murmur: return murmurHash2(key)
        case .jenkins: return jenkinsLookup3(key)
        case .murmur3: return murmurHash3(key)
        }
    }

    /// The hash of a key.
    ///
    /// - Parameters:
    ///   - key: the bytes of the key.
    ///   - byteSign: how bytes above 127 are read.
    /// - Returns: what libmemcached's function of the same name returns.
    public func hash(of key: some Collection<UInt8>, byteSign: ServerSelection.ByteSign = .signed) -> UInt32 {
        withContiguousBytes(of: key) { hash(of: $0, byteSign: byteSign) }
    }
}
