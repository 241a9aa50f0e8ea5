// Network byte order by shifting, the plain way: what the package's own readers and writers are compared with.

/// An integer as bytes, most significant first.
func networkOrder<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    stride(from: Integer.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
}

/// The number that some bytes are, most significant first.
func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
}
