/// How PHP writes a single value, such as one that `Memcached::set` stores.
public enum PHPValueFormat: Sendable, Hashable, CaseIterable {
    /// PHP's serialize().
    case serialize
    /// The igbinary extension's igbinary_serialize().
    case igbinary
    /// The msgpack extension's msgpack_pack().
    case msgpack
}

extension PHPValue {
    /// Reads a value.
    ///
    /// As in PHP, bytes behind the value are ignored, but not in igbinary.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - format: The format they are in.
    ///   - limits: How large and deep the value may be.
    /// - Throws: ``PHPSessionCodecError`` with the offset at which the bytes are wrong.
    public init(
        decoding bytes: some Sequence<UInt8>,
        format: PHPValueFormat,
        limits: PHPSessionLimits = .standard
    ) throws(PHPSessionCodecError) {
        switch format {
        case .serialize:
            var decoder = try SerializeDecoder(Array(bytes), limits: limits, isRecording: false)
            try decoder.readRoot()
            self.init(decoder.rooted.graph, decoder.rooted[.root(0)])
        case .igbinary:
            var decoder = try IgbinaryDecoder(Array(bytes), limits: limits)
            self = try decoder.decode(allowsTrailingBytes: false)
        case .msgpack:
            var decoder = try MessagePackDecoder(Array(bytes), limits: limits)
            self = try decoder.decode()
        }
    }

    /// The value as bytes.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - limits: How large and deep the output may be.
    /// - Returns: The bytes.
    /// - Throws: ``PHPSessionCodecError`` for what PHP could not read back, and beyond the limits.
    public func encoded(
        as format: PHPValueFormat,
        limits: PHPSessionLimits = .standard
    ) throws(PHPSessionCodecError) -> [UInt8] {
        switch format {
        case .serialize:
            var encoder = SerializeEncoder(graph, root: node, limits: limits)
            try encoder.encode(node)
            return encoder.output
        case .igbinary:
            var encoder = IgbinaryEncoder(graph, limits: limits)
            return try encoder.encode(graph.resolved(node))
        case .msgpack:
            var encoder = MessagePackEncoder(graph, limits: limits)
            return try encoder.encode(graph.resolved(node))
        }
    }
}
