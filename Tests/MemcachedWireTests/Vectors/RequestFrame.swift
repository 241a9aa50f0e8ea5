import MemcachedWire

/// Why a request cannot be expressed with the package's API, in words.
enum Inexpressible: String, Error, CaseIterable {
    case wrongMagic = "the first byte is not 0x80: text, or a stream out of step"
    case truncated = "bytes of the header or of the body were withheld"
    case contradictoryLengths = "key and extras are longer than the body that is to hold them"
    case dataTypeSet = "the data type is not zero"
    case vbucketSet = "the vbucket id is not zero"
    case unnamedOpcode = "the protocol names no such command"
    case wrongExtras = "extras of a length that the command does not have"
    case keyMissing = "no key where the command has one"
    case keyNotAllowed = "a key where the command has none"
    case keyTooLong = "a key longer than 250 bytes"
    case valueNotAllowed = "a value where the command has none"
}

/// One request of a captured stream, taken apart into the values that the API is made of.
struct RequestFrame {
    /// The frame's own bytes; fewer than it declares when the capture withholds some.
    var bytes: ArraySlice<UInt8>
    /// Opcode and opaque, when the header could be read.
    var header: RequestHeader?
    /// The head as the encoder takes it, whether the command table allows it or not.
    ///
    /// nil when its fields cannot hold what was sent.
    var head: RequestHead?
    var key: [UInt8] = []
    var value: [UInt8] = []
    /// nil when the API can express the request.
    var fault: Inexpressible?

    /// Whether all the bytes that it declares are there.
    var isComplete: Bool { header.map { $0.frameLength == bytes.count } ?? false }

    /// Takes a stream apart, to its end or to the frame after which nobody knows where the next one begins.
    static func frames(of stream: [UInt8]) -> [RequestFrame] {
        var frames: [RequestFrame] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let frame = RequestFrame(first: rest)
            frames.append(frame)
            guard frame.isComplete else { break }
            rest = rest.dropFirst(frame.bytes.count)
        }
        return frames
    }

    /// The first frame of a stream.
    private init(first stream: ArraySlice<UInt8>) {
        bytes = stream
        let header: RequestHeader
        do throws(FramingError) {
            header = try RequestHeader(parsing: stream.span.bytes)
        } catch {
            fault =
                switch error {
                case .truncated: .truncated
                case .notBinary: .wrongMagic
                case .inconsistentLengths, .bodyTooLarge: .contradictoryLengths
                }
            return
        }
        self.header = header
        bytes = stream.prefix(header.frameLength)
        let body = bytes.dropFirst(RequestHeader.byteCount)
        let extras = body.prefix(Int(header.extrasLength))
        key = Array(body.dropFirst(extras.count).prefix(Int(header.keyLength)))
        value = Array(body.dropFirst(extras.count + key.count))
        head = Self.head(header, extras: extras)
        fault = Self.fault(header) ?? (isComplete ? nil : .truncated)
    }

    /// The rule: what the command table allows can be expressed.
    private static func fault(_ header: RequestHeader) -> Inexpressible? {
        if header.dataType != 0 { return .dataTypeSet }
        if header.vbucket != 0 { return .vbucketSet }
        guard let entry = OpcodeTable.entry(for: header.opcode) else { return .unnamedOpcode }
        if !entry.extras.byteCounts.contains(Int(header.extrasLength)) { return .wrongExtras }
        if !entry.key.allows(Int(header.keyLength)) { return header.keyLength == 0 ? .keyMissing : .keyNotAllowed }
        if Int(header.keyLength) > RequestHead.maximumKeyLength { return .keyTooLong }
        if !entry.value.allows(header.valueLength) { return .valueNotAllowed }
        return nil
    }

    private static func head(_ header: RequestHeader, extras: ArraySlice<UInt8>) -> RequestHead? {
        guard
            header.dataType == 0, header.vbucket == 0, extras.count == Int(header.extrasLength),
            let extras = requestExtras(extras, layout: OpcodeTable.entry(for: header.opcode)?.extras)
        else { return nil }
        return RequestHead(
            opcode: header.opcode,
            extras: extras,
            keyLength: Int(header.keyLength),
            valueLength: header.valueLength,
            opaque: header.opaque,
            cas: header.cas
        )
    }

    /// Extras as the layout names them, or as their length suggests where the layout does not fit.
    private static func requestExtras(_ bytes: ArraySlice<UInt8>, layout: ExtrasLayout?) -> RequestExtras? {
        func word(_ index: Int) -> UInt32 {
            UInt32(truncatingIfNeeded: number(bytes.dropFirst(index * 4).prefix(4)))
        }
        switch (layout, bytes.count) {
        case (_, 0):
            return RequestExtras.none
        case (.optionalDelay, 4):
            return .delay(word(0))
        case (_, 4):
            return .expiration(word(0))
        case (_, 8):
            return .store(flags: word(0), expiration: word(1))
        case (_, 20):
            return .counter(
                delta: UInt64(word(0)) << 32 | UInt64(word(1)),
                initial: UInt64(word(2)) << 32 | UInt64(word(3)),
                expiration: word(4)
            )
        default:
            return nil
        }
    }
}

extension RequestFrame {
    /// Whether it carries a mechanism's name as key and the mechanism's data as value.
    var isSASL: Bool {
        header?.opcode == .saslAuthenticate || header?.opcode == .saslStep
    }
}
