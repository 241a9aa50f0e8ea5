/// Runs `body` with the bytes of a collection side by side in memory.
///
/// Arrays, slices, buffers and `ByteBuffer` views lie so already. Anything else is copied to the stack (up to 1 KiB; a
/// key has at most 250 bytes), so nothing is allocated.
///
/// Inlinable, as the look-ups that use it are: for a collection without contiguous storage that is 0 allocations instead
/// of one a byte, and a quarter of the time.
@inlinable
func withContiguousBytes<Result>(
    of bytes: some Collection<UInt8>,
    _ body: (UnsafeRawBufferPointer) -> Result
) -> Result {
    if let result = bytes.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
        return result
    }
    return withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 1) { copy in
        copy.copyBytes(from: bytes)
        return body(UnsafeRawBufferPointer(copy))
    }
}

/// Runs `body` with the UTF-8 of a string; a native string is not copied.
@inlinable
func withContiguousBytes<Result>(of string: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    var string = string
    return string.withUTF8 { body(UnsafeRawBufferPointer($0)) }
}

extension UnsafeRawBufferPointer {
    /// The little-endian word made of the four bytes from `offset` on.
    ///
    /// Safe as long as `offset + 4 <= count`: every caller's loop or guard says so, and debug builds check it.
    @inline(__always)
    func word(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian word made of what is left from `offset` on: up to four bytes, zeros for those that are missing.
    @inline(__always)
    func partialWord(at offset: Int) -> UInt32 {
        if offset + 4 <= count { return word(at: offset) }
        var word: UInt32 = 0
        var shift: UInt32 = 0
        var position = offset
        while position < count {
            word |= UInt32(self[position]) &<< shift
            shift &+= 8
            position += 1
        }
        return word
    }
}

extension UInt32 {
    /// This word with its bits moved up by `bits` (1...31), those that fall off the top coming in at the bottom.
    @inline(__always)
    func rotatedLeft(by bits: UInt32) -> UInt32 { (self &<< bits) | (self &>> (32 &- bits)) }
}

extension ServerSelection.ByteSign {
    /// A byte as the 32-bit number that C's `(uint32_t) c` makes of a `char`.
    @inline(__always)
    func widened(_ byte: UInt8) -> UInt32 {
        switch self {
        case .signed: UInt32(bitPattern: Int32(Int8(bitPattern: byte)))
        case .unsigned: UInt32(byte)
        }
    }
}
