import NIOCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What everybody can read: text, numbers and bytes as they are, anything else as JSON, all with flags 0.
///
/// | Swift | stored |
/// |---|---|
/// | `String` | its UTF-8 bytes |
/// | `[UInt8]`, `ByteBuffer`, `Data` | the bytes |
/// | integers | decimal digits, so that increment and decrement work |
/// | `Double`, `Float` | the shortest decimal text that gives the same number back; `inf`, `-inf`, `nan` |
/// | `Bool` | `true`, `false` |
/// | any other `Codable` | JSON, as ``jsonEncoder`` writes it |
///
/// An optional is stored as what it holds. Nil is refused: delete the item instead.
///
/// Flags other than 0 say that another client has encoded the value by rules of its own, under which the same bytes
/// may mean something else. So such a value is refused; see ``ignoresForeignFlags``. The exception are values
/// compressed as ``MemcachedPHPTranscoder`` does it, which ``compression`` writes here too.
///
/// Get one with ``MemcachedTranscoder/standard``.
public struct MemcachedStandardTranscoder: MemcachedTranscoder {
    /// What is compressed on writing; nil for nothing, which other clients than php-memcached can read.
    public var compression: MemcachedCompression?
    /// What is understood on reading besides FastLZ and the algorithm of ``compression``.
    public var algorithms: [any MemcachedCompressionAlgorithm]
    /// How many bytes a decompressed value may have.
    ///
    /// More is refused before it is there, and not compressed on writing, because it could not be read back.
    public var decompressedByteLimit: Int
    /// Whether a value with flags of another client is read as if they were 0.
    ///
    /// It is right for clients that store the same text as this transcoder and mark its type, such as pymemcache does
    /// with integers.
    public var ignoresForeignFlags: Bool
    /// Writes JSON.
    ///
    /// Its choices about dates and data are part of the format that all programs have to share.
    public var jsonEncoder: JSONEncoder
    /// Reads JSON.
    public var jsonDecoder: JSONDecoder

    /// Makes a transcoder.
    ///
    /// - Parameters:
    ///   - compression: What is compressed on writing; nil for nothing.
    ///   - algorithms: What is understood on reading besides FastLZ and the algorithm of `compression`.
    ///   - decompressedByteLimit: How many bytes a decompressed value may have; 64 MiB unless said otherwise.
    ///   - ignoresForeignFlags: Whether a value with flags of another client is read as if they were 0.
    ///   - jsonEncoder: Writes JSON. Do not change it afterwards.
    ///   - jsonDecoder: Reads JSON. Do not change it afterwards.
    public init(
        compression: MemcachedCompression? = nil,
        algorithms: [any MemcachedCompressionAlgorithm] = [],
        decompressedByteLimit: Int = 64 << 20,
        ignoresForeignFlags: Bool = false,
        jsonEncoder: JSONEncoder = JSONEncoder(),
        jsonDecoder: JSONDecoder = JSONDecoder()
    ) {
        self.compression = compression
        self.algorithms = algorithms
        self.decompressedByteLimit = decompressedByteLimit
        self.ignoresForeignFlags = ignoresForeignFlags
        self.jsonEncoder = jsonEncoder
        self.jsonDecoder = jsonDecoder
    }

    /// Turns a value into bytes and flags.
    ///
    /// - Parameter value: What to store.
    /// - Returns: Bytes and flags.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/encodingFailed`` for nil, for what JSON has no form
    ///   for, and when compressing fails.
    public func encode<Value: Encodable & Sendable>(_ value: Value) throws(MemcachedError) -> MemcachedPayload {
        let bytes: ByteBuffer
        switch PlainForm(of: value) {
        case .text(let text): bytes = ByteBuffer(string: text)
        case .bytes(let plain): bytes = plain
        case .integer(let digits, _): return MemcachedPayload(bytes: ByteBuffer(string: digits))
        case .number(let number): return MemcachedPayload(bytes: ByteBuffer(string: number.description))
        case .boolean(let flag): return MemcachedPayload(bytes: ByteBuffer(string: flag ? "true" : "false"))
        case nil:
            if (value as? any OptionalValue)?.isNil == true {
                throw TranscodingFault.encoding("nil has no bytes to store; delete the item instead")
            }
            bytes = try json.bytes(of: value)
        }
        guard compression != nil else { return MemcachedPayload(bytes: bytes) }
        let compressed = try compressedValue.compressed(bytes)
        return MemcachedPayload(bytes: compressed.bytes, flags: compressed.flags)
    }

    /// Turns bytes and flags into a value.
    ///
    /// - Parameters:
    ///   - type: The type asked for.
    ///   - payload: What the server keeps.
    /// - Returns: The value.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/decodingFailed``.
    public func decode<Value: Decodable & Sendable>(
        _ type: Value.Type,
        from payload: MemcachedPayload
    ) throws(MemcachedError) -> Value {
        let bytes = try restored(payload)
        if let plain = try PlainForm.read(type, from: StandardSource(stored: bytes)) { return plain }
        return try json.value(type, from: bytes)
    }

    private func restored(_ payload: MemcachedPayload) throws(MemcachedError) -> ByteBuffer {
        if payload.flags == 0 { return payload.bytes }
        let written = MemcachedCompressionFormat.all.first { payload.flags == PayloadFlags.compressed | $0.flag }
        if let written { return try compressedValue.restored(payload.bytes, format: written) }
        guard ignoresForeignFlags else {
            throw TranscodingFault.decoding(
                "the item has the flags \(PayloadFlags(word: payload.flags).description) of another client. Choose a "
                    + "transcoder that knows them, or set ignoresForeignFlags, or read bytes with get(_:)"
            )
        }
        return payload.bytes
    }

    private var json: JSONCoding { JSONCoding(encoder: jsonEncoder, decoder: jsonDecoder) }

    private var compressedValue: CompressedValue {
        CompressedValue(compression: compression, algorithms: algorithms, byteLimit: decompressedByteLimit)
    }
}

extension MemcachedTranscoder where Self == MemcachedStandardTranscoder {
    /// Text, numbers and bytes as they are, anything else as JSON.
    public static var standard: MemcachedStandardTranscoder { MemcachedStandardTranscoder() }

    /// Text, numbers and bytes as they are, anything else as JSON, and large values compressed.
    ///
    /// - Parameter compression: What is compressed on writing.
    /// - Returns: The transcoder.
    public static func standard(compression: MemcachedCompression) -> MemcachedStandardTranscoder {
        MemcachedStandardTranscoder(compression: compression)
    }
}

/// Bytes that are the text of what is asked for.
private struct StandardSource: PlainSource {
    let stored: ByteBuffer

    func bytes() throws(MemcachedError) -> ByteBuffer { stored }

    func text() throws(MemcachedError) -> String { try PlainText.text(stored) }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(MemcachedError) -> Integer {
        try PlainText.integer(stored, as: type)
    }

    func number<Number: DecimalNumber>(_ type: Number.Type) throws(MemcachedError) -> Number {
        try PlainText.number(stored, as: type)
    }

    func boolean() throws(MemcachedError) -> Bool {
        if stored.readableBytesView.elementsEqual("true".utf8) { return true }
        if stored.readableBytesView.elementsEqual("false".utf8) { return false }
        throw TranscodingFault.decoding("the value is neither true nor false")
    }
}
