/// The flags word as php-memcached lays it out: the value's type in bits 0 to 3, what was done to the bytes in bits 4
/// to 15, and 16 bits for the user.
///
/// Source: `php_memcached.c` of php-memcached 3.2.0 and 3.3.0; `Fixtures/values` holds captures of each.
struct PayloadFlags: Hashable {
    static let compressed: UInt32 = 0x10
    /// What there can be in bits 4 to 15.
    private static let known = MemcachedCompressionFormat.all.reduce(compressed) { $0 | $1.flag }

    var word: UInt32

    /// The type, 0 to 15.
    var type: UInt8 { UInt8(truncatingIfNeeded: word & 0xF) }

    /// How the bytes are compressed; nil when they are not.
    ///
    /// An algorithm's bit means nothing without the bit that says that there is compression at all.
    ///
    /// - Throws: ``MemcachedError`` when the word says something that this library does not know.
    func compressionFormat() throws(MemcachedError) -> MemcachedCompressionFormat? {
        if word & 0xFFF0 == 0 { return nil }
        guard word & 0xFFF0 & ~Self.known == 0 else {
            throw TranscodingFault.decoding("the flags \(description) have bits that mean nothing to php-memcached")
        }
        guard word & Self.compressed != 0 else { return nil }
        let formats = MemcachedCompressionFormat.all.filter { word & $0.flag != 0 }
        guard let format = formats.first, formats.count == 1 else {
            throw TranscodingFault.decoding(
                "the flags \(description) say that the value is compressed and name "
                    + (formats.isEmpty ? "no algorithm; it may be of a client other than php-memcached" : "several")
            )
        }
        return format
    }

    var description: String { "0x" + String(word, radix: 16) }
}
