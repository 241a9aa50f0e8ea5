/// Paul Hsieh's SuperFastHash, as libmemcached's `hsieh`.
///
/// Only the last byte of a remainder of three is read as C's `char`, with the platform's sign.
/// Source: P. Hsieh, "Hash functions", azillionmonkeys.com, 2004.
func superFastHash(_ key: UnsafeRawBufferPointer, _ sign: ServerSelection.ByteSign) -> UInt32 {
    guard !key.isEmpty else { return 0 }
    var hash: UInt32 = 0
    var offset = 0
    while offset + 4 <= key.count {
        let word = key.word(at: offset)
        hash &+= word & 0xffff
        hash = (hash &<< 16) ^ ((word &>> 16) &<< 11) ^ hash
        hash &+= hash &>> 11
        offset += 4
    }

    let rest = key.partialWord(at: offset)
    switch key.count - offset {
    case 3:
        hash &+= rest & 0xffff
        hash ^= hash &<< 16
        hash ^= sign.widened(UInt8(truncatingIfNeeded: rest &>> 16)) &<< 18
        hash &+= hash &>> 11
    case 2:
        hash &+= rest
        hash ^= hash &<< 11
        hash &+= hash &>> 17
    case 1:
        hash &+= rest
        hash ^= hash &<< 10
        hash &+= hash &>> 1
    default:
        break
    }

    hash ^= hash &<< 3
    hash &+= hash &>> 5
    hash ^= hash &<< 4
    hash &+= hash &>> 17
    hash ^= hash &<< 25
    hash &+= hash &>> 6
    return hash
}
