/// Finds response frames at the start of the bytes received so far.
///
/// It holds no bytes and reads only those it is given: the caller keeps what is incomplete and asks again with more.
package struct ResponseScanner: Sendable {
    /// What stands at the start of the bytes.
    package enum Scan: Hashable, Sendable {
        /// No complete frame. `header` is there once its 24 bytes are; `missing` bytes are still to come for the
        /// next step (the rest of the header, or the rest of the frame).
        case incomplete(header: ResponseHeader?, missing: Int)
        /// A complete frame of `header.frameLength` bytes.
        case frame(ResponseHeader)
    }

    /// The longest body accepted, in bytes.
    package var maximumBodyBytes: Int

    package init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Looks at the start of the bytes.
    ///
    /// - Parameter bytes: What has been received and not yet consumed; may be empty.
    /// - Returns: A frame's header, or what is still missing.
    /// - Throws: ``FramingError`` as soon as the bytes cannot begin a response. The stream is lost then.
    package func scan(_ bytes: RawSpan) throws(FramingError) -> Scan {
        guard bytes.byteCount >= ResponseHeader.byteCount else {
            if let first = bytes.byte(at: 0), first != ResponseHeader.magic { throw .notBinary(firstByte: first) }
            return .incomplete(header: nil, missing: ResponseHeader.byteCount - bytes.byteCount)
        }
        let header = try ResponseHeader(parsing: bytes)
        guard Int(header.bodyLength) <= maximumBodyBytes else {
            throw .bodyTooLarge(declared: header.bodyLength, limit: maximumBodyBytes)
        }
        guard bytes.byteCount >= header.frameLength else {
            return .incomplete(header: header, missing: header.frameLength - bytes.byteCount)
        }
        return .frame(header)
    }
}
