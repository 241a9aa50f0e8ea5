/// Bob Jenkins' one-at-a-time hash.
///
/// Source: B. Jenkins, "A hash function for hash table lookup", Dr. Dobb's Journal, September 1997.
func oneAtATimeHash(_ key: UnsafeRawBufferPointer, _ sign: ServerSelection.ByteSign) -> UInt32 {
    var hash: UInt32 = 0
    for byte in key {
        hash &+= sign.widened(byte)
        hash &+= hash &<< 10
        hash ^= hash &>> 6
    }
    hash &+= hash &<< 3
    hash ^= hash &>> 11
    hash &+= hash &<< 15
    return hash
}
