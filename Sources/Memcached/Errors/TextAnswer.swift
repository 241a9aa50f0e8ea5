/// Tells what answered where a binary response was expected, from the first bytes of a connection.
///
/// The bytes themselves are never shown: nobody knows what they are.
enum TextAnswer {
    /// As many bytes as are needed to tell the known cases apart.
    static let sufficientByteCount = 64

    /// Whether more bytes could still change the verdict.
    static func isComplete(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count >= sufficientByteCount || bytes.contains(UInt8(ascii: "\n"))
    }

    /// What the bytes look like.
    ///
    /// - Parameter bytes: What came, as far as it came.
    /// - Returns: An error whose text says what answered.
    static func error(for bytes: some Collection<UInt8>) -> MemcachedError {
        if bytes.starts(with: "ERROR Too many open connections".utf8) {
            return MemcachedError(
                .tooManyConnections,
                "the server has as many connections as it takes (its -c option); raise it, or connect less",
                outcome: .rejected
            )
        }
        let finding: String
        if bytes.starts(with: "HTTP/".utf8) {
            finding = "an HTTP server answers on this port; check host and port"
        } else if bytes.starts(with: "ERROR".utf8) || bytes.starts(with: "CLIENT_ERROR".utf8) {
            finding =
                "the server speaks memcached's text protocol only; start it without -B ascii, or use one that "
                + "speaks the binary protocol"
        } else if let first = bytes.first, (0x14...0x17).contains(first), bytes.dropFirst().first ?? 3 == 3 {
            finding =
                "the port speaks TLS and this connection does not; set tls in the configuration, or name another port"
        } else {
            finding = "what answers is not a memcached that speaks the binary protocol; check host and port"
        }
        return MemcachedError(.notBinaryProtocol, finding, outcome: .rejected)
    }
}
