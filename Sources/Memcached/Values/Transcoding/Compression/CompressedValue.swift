import NIOCore

/// Compresses values and restores them as php-memcached does: `0x10` and the algorithm's bit in the flags word, and
/// before the compressed bytes the length of the value, four bytes, least significant first.
///
/// Source: observed on php-memcached 3.2.0 and its `php_memcached.c`; `Fixtures/values` holds the captures. PHP writes
/// the length in the byte order of its machine and allocates what a foreign header announces, up to 4 GiB. Here the
/// header can only forbid: it lowers the limit of what is restored.
struct CompressedValue: Sendable {
    static let headerByteCount = 4

    /// What is written; nil for nothing compressed.
    var compression: MemcachedCompression?
    /// What is read besides FastLZ and the algorithm that writes.
    var algorithms: [any MemcachedCompressionAlgorithm]
    /// How many bytes a restored value may have.
    var byteLimit: Int

    /// Compresses a value if that is wanted and pays, and if it may have as many bytes when it is restored.
    /// - Returns: The bytes to store, and the bits of the flags word that say what was done.
    func compressed(_ value: ByteBuffer) throws(MemcachedError) -> (bytes: ByteBuffer, flags: UInt32) {
        guard let compression, value.readableBytes >= compression.threshold, value.readableBytes <= byteLimit,
            let count = UInt32(exactly: value.readableBytes)
        else { return (value, 0) }
        let format = compression.algorithm.format
        let body: ByteBuffer
        do {
            body = try compression.algorithm.compress(value)
        } catch {
            throw TranscodingFault.encoding("\(format) could not compress the value", cause: error)
        }
        guard Double(count) > Double(body.readableBytes) * compression.factor else { return (value, 0) }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(minimumWritableBytes: Self.headerByteCount + body.readableBytes)
        bytes.writeInteger(count, endianness: .little)
        bytes.writeImmutableBuffer(body)
        return (bytes, PayloadFlags.compressed | format.flag)
    }

    /// Restores a value that was stored compressed.
    func restored(_ stored: ByteBuffer, format: MemcachedCompressionFormat) throws(MemcachedError) -> ByteBuffer {
        guard let algorithm = algorithm(of: format) else {
            throw TranscodingFault.decoding(
                format == .zlib
                    ? "the value is compressed with zlib; add the product MemcachedZlib and give the transcoder its "
                        + "algorithm"
                    : "the value is compressed with \(format); give the transcoder an algorithm that reads it"
            )
        }
        var body = stored
        guard let announced = body.readInteger(endianness: .little, as: UInt32.self).map(Int.init(clamping:)) else {
            throw TranscodingFault.decoding("the value is flagged as compressed and too short to be")
        }
        let allowed = max(0, min(byteLimit, announced))
        let value: ByteBuffer
        do {
            value = try algorithm.decompress(body, limit: allowed)
        } catch MemcachedDecompressionError.limitExceeded where allowed < announced {
            throw TranscodingFault.decoding(
                "the value has more than \(allowed) bytes when decompressed; raise decompressedByteLimit if it may have"
            )
        } catch {
            throw Self.damaged(format, cause: error)
        }
        guard value.readableBytes <= allowed, format.isSelfDelimiting || value.readableBytes == announced else {
            throw Self.damaged(format)
        }
        return value
    }

    private func algorithm(of format: MemcachedCompressionFormat) -> (any MemcachedCompressionAlgorithm)? {
        if let writing = compression?.algorithm, writing.format == format { return writing }
        if let reading = algorithms.first(where: { $0.format == format }) { return reading }
        return format == .fastLZ ? MemcachedFastLZAlgorithm() : nil
    }

    private static func damaged(
        _ format: MemcachedCompressionFormat,
        cause: (any Error)? = nil
    ) -> MemcachedError {
        TranscodingFault.decoding(
            "the value is flagged as compressed with \(format) and is damaged, or something else",
            cause: cause
        )
    }
}
