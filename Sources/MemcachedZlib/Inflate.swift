import CMemcachedZlib
import Memcached
import NIOCore

/// Reads zlib streams piece by piece, so that memory grows with what comes out and ends at a limit.
enum Inflate {
    /// How much room the output gets at a time.
    private static let pieceByteCount = 64 << 10

    /// - Parameters:
    ///   - bytes: A zlib stream, or anything else.
    ///   - limit: How many bytes may come out.
    /// - Returns: What was compressed.
    /// - Throws: `MemcachedDecompressionError`, or what zlib reported when it has no memory.
    static func content(of bytes: ByteBuffer, limit: Int) throws -> ByteBuffer {
        var stream = z_stream()
        // zlib keeps the address of the stream and refuses another, so all calls are made within one pointer's scope.
        return try withUnsafeMutablePointer(to: &stream) { stream in
            let result = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard result == Z_OK else { throw MemcachedZlibError(code: result) }
            defer { inflateEnd(stream) }
            return try run(stream, bytes, limit: min(max(0, limit), Int.max - 1))
        }
    }

    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ bytes: ByteBuffer,
        limit: Int
    ) throws -> ByteBuffer {
        guard let inputCount = uInt(exactly: bytes.readableBytes) else {
            throw MemcachedDecompressionError.limitExceeded
        }
        return try bytes.withUnsafeReadableBytes { input in
            // zlib reads `avail_in` bytes from `next_in`, which is the input in whole, and does not write there: the
            // member lacks const for reasons of its history.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self)
            )
            stream.pointee.avail_in = inputCount
            var output = ByteBuffer()
            while true {
                // At the limit there is still room for a byte: a stream whose content fits has to say that it ends, and
                // one whose content does not gives itself away.
                let room = min(pieceByteCount, limit - output.readableBytes + 1)
                var result = Z_OK
                let added = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: Bytef.self)
                    stream.pointee.avail_out = uInt(room)
                    result = inflate(stream, Z_NO_FLUSH)
                    return room - Int(stream.pointee.avail_out)
                }
                guard output.readableBytes <= limit else { throw MemcachedDecompressionError.limitExceeded }
                switch result {
                case Z_STREAM_END:
                    return output
                case Z_OK where added > 0 || stream.pointee.avail_in > 0:
                    continue
                case Z_MEM_ERROR:
                    throw MemcachedZlibError(code: result)
                default:
                    // Broken, ended too early, or asking for a dictionary.
                    throw MemcachedDecompressionError.malformed
                }
            }
        }
    }
}
