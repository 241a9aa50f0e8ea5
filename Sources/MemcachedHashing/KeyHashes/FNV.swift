/// The parameters of a Fowler–Noll–Vo hash, as far as they reach the low 32 bits of the result.
///
/// A product's low 32 bits depend on the low 32 bits of its factors only, so the 64-bit hash needs no 64-bit arithmetic.
/// Source of the numbers: the FNV reference, draft-eastlake-fnv.
struct FNVParameters {
    /// What the hash of no bytes is.
    let offsetBasis: UInt32
    /// What every step multiplies by.
    let prime: UInt32

    /// The 32-bit parameters.
    static let thirtyTwoBits = FNVParameters(offsetBasis: 0x811c_9dc5, prime: 0x0100_0193)
    /// The low words of the 64-bit parameters 0xcbf29ce484222325 and 0x100000001b3.
    static let sixtyFourBits = FNVParameters(offsetBasis: 0x8422_2325, prime: 0x0000_01b3)
}

/// FNV-1: multiply, then mix in the byte.
func fnv1Hash(
    _ key: UnsafeRawBufferPointer,
    _ parameters: FNVParameters,
    _ sign: ServerSelection.ByteSign
) -> UInt32 {
    var hash = parameters.offsetBasis
    for byte in key {
        hash &*= parameters.prime
        hash ^= sign.widened(byte)
    }
    return hash
}

/// FNV-1a: mix in the byte, then multiply.
func fnv1aHash(
    _ key: UnsafeRawBufferPointer,
    _ parameters: FNVParameters,
    _ sign: ServerSelection.ByteSign
) -> UInt32 {
    var hash = parameters.offsetBasis
    for byte in key {
        hash ^= sign.widened(byte)
        hash &*= parameters.prime
    }
    return hash
}
