/// The seed that libmemcached gives both Murmur hashes.
private func murmurSeed(_ key: UnsafeRawBufferPointer) -> UInt32 {
    0xdead_beef &* UInt32(truncatingIfNeeded: key.count)
}

/// MurmurHash2 for 32-bit machines.
///
/// Source: A. Appleby, SMHasher, `MurmurHash2.cpp` (public domain).
func murmurHash2(_ key: UnsafeRawBufferPointer) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    var hash = murmurSeed(key) ^ UInt32(truncatingIfNeeded: key.count)
    var offset = 0
    while offset + 4 <= key.count {
        var word = key.word(at: offset)
        word &*= multiplier
        word ^= word &>> 24
        word &*= multiplier
        hash &*= multiplier
        hash ^= word
        offset += 4
    }
    if offset < key.count {
        hash ^= key.partialWord(at: offset)
        hash &*= multiplier
    }
    hash ^= hash &>> 13
    hash &*= multiplier
    hash ^= hash &>> 15
    return hash
}

/// MurmurHash3 for 32-bit machines.
///
/// Source: A. Appleby, SMHasher, `MurmurHash3.cpp` (public domain).
func murmurHash3(_ key: UnsafeRawBufferPointer) -> UInt32 {
    func scrambled(_ word: UInt32) -> UInt32 { (word &* 0xcc9e_2d51).rotatedLeft(by: 15) &* 0x1b87_3593 }

    var hash = murmurSeed(key)
    var offset = 0
    while offset + 4 <= key.count {
        hash ^= scrambled(key.word(at: offset))
        hash = hash.rotatedLeft(by: 13) &* 5 &+ 0xe654_6b64
        offset += 4
    }
    hash ^= scrambled(key.partialWord(at: offset))

    hash ^= UInt32(truncatingIfNeeded: key.count)
    hash ^= hash &>> 16
    hash &*= 0x85eb_ca6b
    hash ^= hash &>> 13
    hash &*= 0xc2b2_ae35
    hash ^= hash &>> 16
    return hash
}
