extension Fault {
    /// The bytes of a unit with this fault in them.
    ///
    /// Faults that change no content give the bytes as they are.
    /// - Parameters:
    ///   - unit: A frame, or bytes that are none.
    ///   - generator: The dice.
    /// - Returns: What is handed over instead.
    func changed(_ unit: StreamUnit, using generator: inout SeededGenerator) -> [UInt8] {
        switch (self, unit) {
        case (.text(let text), _): return Array(text.utf8)
        case (.duplicate, _): return unit.bytes + unit.bytes
        case (_, .bytes(let bytes)): return bytes
        case (_, .frame(let frame)): return changed(frame, using: &generator).bytes
        }
    }

    private func changed(_ original: RawFrame, using generator: inout SeededGenerator) -> RawFrame {
        var frame = original
        switch self {
        case .wrongOpaque: frame.opaque ^= UInt32.random(in: 1 ... .max, using: &generator)
        case .wrongOpcode: frame.opcode &+= 1
        case .wrongMagic(let magic): frame.magic = magic
        case .wrongKeyLength: frame.keyLength = .max
        case .wrongExtrasLength: frame.extrasLength = .max
        case .wrongBodyLength: frame.bodyLength &+= 1
        case .announceHugeBody: frame.bodyLength = .max
        case .status(let status, let text): frame = original.refusal(status: status, text: text)
        case .refuseSASL: frame = original.refusal(status: 0x20, text: "Auth failure.")
        default: break
        }
        return frame
    }
}

extension RawFrame {
    /// The response that says no in the place of this one.
    /// - Parameters:
    ///   - status: Why.
    ///   - text: The same in words, which make the body.
    /// - Returns: A response with the same opcode and opaque.
    func refusal(status: UInt16, text: String) -> RawFrame {
        RawFrame(
            magic: RawFrame.responseMagic,
            opcode: opcode,
            status: status,
            opaque: opaque,
            value: Array(text.utf8)
        )
    }
}
