extension PHPString: Codable {
    /// Reads a string, or bytes as a list of numbers where another decoder than ``PHPValueDecoder`` has no such string.
    ///
    /// - Parameter decoder: The decoder.
    /// - Throws: What the decoder throws.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.init(text)
        } else {
            self.init(bytes: try container.decode([UInt8].self))
        }
    }

    /// Writes the text, or the bytes as a list of numbers where they are not UTF-8.
    ///
    /// ``PHPValueEncoder`` writes the bytes as they are and does not come here.
    ///
    /// - Parameter encoder: The encoder.
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let text {
            try container.encode(text)
        } else {
            try container.encode(bytes)
        }
    }
}
