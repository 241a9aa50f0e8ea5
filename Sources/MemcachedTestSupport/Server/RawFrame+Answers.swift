extension RawFrame {
    /// The response to this request.
    func answer(
        status: UInt16 = 0,
        cas: UInt64 = 0,
        extras: [UInt8] = [],
        key: [UInt8] = [],
        value: [UInt8] = []
    ) -> RawFrame {
        RawFrame(
            magic: RawFrame.responseMagic,
            opcode: opcode,
            status: status,
            opaque: opaque,
            cas: cas,
            extras: extras,
            key: key,
            value: value
        )
    }

    /// The response that says no to this request.
    func refusal(_ refusal: ServerRefusal) -> RawFrame {
        self.refusal(status: refusal.rawValue, text: refusal.text)
    }
}

extension FixedWidthInteger {
    /// The bytes as they stand on the wire.
    var bigEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}

extension [UInt8] {
    /// The integer whose big-endian bytes begin at an offset; bytes that are not there count as 0.
    func integer<Integer: FixedWidthInteger>(at offset: Int) -> Integer {
        (0..<Integer.bitWidth / 8)
            .reduce(0) { result, index in
                let byte = offset + index < count ? self[offset + index] : 0
                return result << 8 | Integer(truncatingIfNeeded: byte)
            }
    }
}
