extension RawSpan {
    /// The byte at an offset, or nil beyond the end.
    package func byte(at offset: Int) -> UInt8? {
        guard offset >= 0, offset < byteCount else { return nil }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    /// A big-endian integer at an offset that the caller has checked.
    ///
    /// `RawSpan` checks the bounds itself; every bit pattern is a valid fixed-width integer, so the load is sound.
    package func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Integer.Type
    )
        -> Integer
    {
        Integer(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}

extension Array where Element == UInt8 {
    /// Appends an integer, most significant byte first.
    package mutating func appendBigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
