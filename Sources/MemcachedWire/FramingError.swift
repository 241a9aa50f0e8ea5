/// Why bytes from a server are not a response.
package enum FramingError: Error, Hashable, Sendable {
    /// Fewer bytes than a header.
    case truncated
    /// The first byte is not the response magic: text, TLS, HTTP, or a stream out of step.
    case notBinary(firstByte: UInt8)
    /// Key and extras are longer than the body that is to hold them.
    case inconsistentLengths(keyLength: UInt16, extrasLength: UInt8, bodyLength: UInt32)
    /// The declared body is longer than the reader accepts; nothing was allocated for it.
    case bodyTooLarge(declared: UInt32, limit: Int)
}
