/// An MD5 digest (RFC 1321), for placing keys and points.
///
/// MD5 is broken as a cryptographic hash and nothing here relies on it: it is what libketama, libmemcached and
/// spymemcached spread their points with. It works on the caller's bytes and in registers, and allocates nothing.
package struct MD5: Sendable, Hashable {
    /// The digest as four little-endian words; ketama takes each as one point.
    package let words: SIMD4<UInt32>

    /// The digest of some bytes.
    ///
    /// - Parameter bytes: the message.
    package init(of bytes: UnsafeRawBufferPointer) {
        var state = SIMD4<UInt32>(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
        var offset = 0
        while offset + 64 <= bytes.count {
            var block = SIMD16<UInt32>()
            for lane in 0..<16 { block[lane] = bytes.word(at: offset + 4 * lane) }
            Self.mix(block, into: &state)
            offset += 64
        }

        // What is left, then a one bit, then zeros, then the length in bits as the last two words.
        let rest = bytes.count - offset
        var block = SIMD16<UInt32>()
        for lane in 0..<16 { block[lane] = bytes.partialWord(at: offset + 4 * lane) }
        block[rest / 4] |= 0x80 &<< UInt32(8 * (rest % 4))
        if rest >= 56 {
            Self.mix(block, into: &state)
            block = SIMD16()
        }
        let bits = UInt64(bytes.count) &* 8
        block[14] = UInt32(truncatingIfNeeded: bits)
        block[15] = UInt32(truncatingIfNeeded: bits &>> 32)
        Self.mix(block, into: &state)
        words = state
    }

    /// The digest as its sixteen bytes.
    package var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: words[$0 / 4] &>> UInt32(8 * ($0 % 4))) }
    }
}
