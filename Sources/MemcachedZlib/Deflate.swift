import CMemcachedZlib
import NIOCore

/// Writes zlib streams.
enum Deflate {
    /// - Parameters:
    ///   - content: What to compress.
    ///   - level: From 1 to 9; nil for zlib's own choice.
    /// - Returns: The stream.
    /// - Throws: What zlib reported.
    static func stream(of content: ByteBuffer, level: Int?) throws(MemcachedZlibError) -> ByteBuffer {
        guard let count = uLong(exactly: content.readableBytes) else { throw MemcachedZlibError(code: Z_MEM_ERROR) }
        var output = ByteBuffer()
        var written = compressBound(count)
        var result = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(clamping: written)) { target in
            content.withUnsafeReadableBytes { source in
                // Both addresses are valid for the length of this call, and zlib is told their lengths: it neither
                // reads nor writes beyond them and keeps neither.
                result = compress2(
                    target.baseAddress?.assumingMemoryBound(to: Bytef.self),
                    &written,
                    source.baseAddress?.assumingMemoryBound(to: Bytef.self),
                    count,
                    level.map(Int32.init(clamping:)) ?? Z_DEFAULT_COMPRESSION
                )
            }
            return result == Z_OK ? Int(clamping: written) : 0
        }
        guard result == Z_OK else { throw MemcachedZlibError(code: result) }
        return output
    }
}
