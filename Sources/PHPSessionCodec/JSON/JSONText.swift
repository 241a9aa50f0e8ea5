/// JSON text that is being written, in the style of PHP's json_encode with slashes and Unicode unescaped.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private let maximumBytes: Int

    init(_ limits: PHPSessionLimits) { maximumBytes = limits.maximumBytes }

    mutating func append(_ bytes: some Sequence<UInt8>) throws(PHPSessionCodecError) {
        self.bytes.append(contentsOf: bytes)
        guard self.bytes.count <= maximumBytes else {
            throw PHPSessionCodecError(.tooLarge, "the output is longer than maximumBytes")
        }
    }

    mutating func append(_ text: String) throws(PHPSessionCodecError) { try append(text.utf8) }

    /// A string in quotes.
    ///
    /// - Parameter string: The string.
    /// - Returns: False, and nothing is written, where its bytes are not UTF-8.
    /// - Throws: ``PHPSessionCodecError`` when there is too much to write.
    mutating func appendString(_ string: PHPString) throws(PHPSessionCodecError) -> Bool {
        guard let text = string.text else { return false }
        var escaped: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): escaped += "\\\"".utf8
            case UInt8(ascii: "\\"): escaped += "\\\\".utf8
            case 0x08: escaped += "\\b".utf8
            case 0x09: escaped += "\\t".utf8
            case 0x0a: escaped += "\\n".utf8
            case 0x0c: escaped += "\\f".utf8
            case 0x0d: escaped += "\\r".utf8
            case 0..<0x20: escaped += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            case 0xa8 where escaped.suffix(2) == [0xe2, 0x80]: escaped.replaceTail("\\u2028")
            case 0xa9 where escaped.suffix(2) == [0xe2, 0x80]: escaped.replaceTail("\\u2029")
            default: escaped.append(byte)
            }
        }
        try append(escaped)
        try append("\"")
        return true
    }
}

extension [UInt8] {
    /// Puts an escape in the place of the first two bytes of a character in UTF-8.
    fileprivate mutating func replaceTail(_ escape: String) {
        removeLast(2)
        append(contentsOf: escape.utf8)
    }
}
