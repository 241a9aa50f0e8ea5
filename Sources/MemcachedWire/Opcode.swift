/// One command of the memcached binary protocol.
///
/// An open set: a byte that this table does not name is still an opcode, because a server may echo one.
/// Source: memcached `protocol_binary.h` and captures of memcached 1.6.18 (`Fixtures/wire`).
@usableFromInline package struct Opcode: RawRepresentable, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt8

    @inlinable package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Inlinable as all of this: opcodes are compared for each response, in another module.
    @inlinable package static func == (lhs: Opcode, rhs: Opcode) -> Bool { lhs.rawValue == rhs.rawValue }
}

extension Opcode {
    @inlinable package static var get: Opcode { Opcode(rawValue: 0x00) }
    @inlinable package static var set: Opcode { Opcode(rawValue: 0x01) }
    @inlinable package static var add: Opcode { Opcode(rawValue: 0x02) }
    @inlinable package static var replace: Opcode { Opcode(rawValue: 0x03) }
    @inlinable package static var delete: Opcode { Opcode(rawValue: 0x04) }
    @inlinable package static var increment: Opcode { Opcode(rawValue: 0x05) }
    @inlinable package static var decrement: Opcode { Opcode(rawValue: 0x06) }
    @inlinable package static var quit: Opcode { Opcode(rawValue: 0x07) }
    @inlinable package static var flush: Opcode { Opcode(rawValue: 0x08) }
    @inlinable package static var getQuiet: Opcode { Opcode(rawValue: 0x09) }
    @inlinable package static var noop: Opcode { Opcode(rawValue: 0x0A) }
    @inlinable package static var version: Opcode { Opcode(rawValue: 0x0B) }
    @inlinable package static var getKey: Opcode { Opcode(rawValue: 0x0C) }
    @inlinable package static var getKeyQuiet: Opcode { Opcode(rawValue: 0x0D) }
    @inlinable package static var append: Opcode { Opcode(rawValue: 0x0E) }
    @inlinable package static var prepend: Opcode { Opcode(rawValue: 0x0F) }
    @inlinable package static var stat: Opcode { Opcode(rawValue: 0x10) }
    @inlinable package static var setQuiet: Opcode { Opcode(rawValue: 0x11) }
    @inlinable package static var addQuiet: Opcode { Opcode(rawValue: 0x12) }
    @inlinable package static var replaceQuiet: Opcode { Opcode(rawValue: 0x13) }
    @inlinable package static var deleteQuiet: Opcode { Opcode(rawValue: 0x14) }
    @inlinable package static var incrementQuiet: Opcode { Opcode(rawValue: 0x15) }
    @inlinable package static var decrementQuiet: Opcode { Opcode(rawValue: 0x16) }
    @inlinable package static var quitQuiet: Opcode { Opcode(rawValue: 0x17) }
    @inlinable package static var flushQuiet: Opcode { Opcode(rawValue: 0x18) }
    @inlinable package static var appendQuiet: Opcode { Opcode(rawValue: 0x19) }
    @inlinable package static var prependQuiet: Opcode { Opcode(rawValue: 0x1A) }
    /// Not known to memcached 1.6 and a trap: with its four bytes of extras the server swallows what follows.
    @inlinable package static var verbosity: Opcode { Opcode(rawValue: 0x1B) }
    @inlinable package static var touch: Opcode { Opcode(rawValue: 0x1C) }
    @inlinable package static var getAndTouch: Opcode { Opcode(rawValue: 0x1D) }
    @inlinable package static var getAndTouchQuiet: Opcode { Opcode(rawValue: 0x1E) }
    @inlinable package static var saslListMechanisms: Opcode { Opcode(rawValue: 0x20) }
    @inlinable package static var saslAuthenticate: Opcode { Opcode(rawValue: 0x21) }
    @inlinable package static var saslStep: Opcode { Opcode(rawValue: 0x22) }
    @inlinable package static var getAndTouchKey: Opcode { Opcode(rawValue: 0x23) }
    @inlinable package static var getAndTouchKeyQuiet: Opcode { Opcode(rawValue: 0x24) }

    // Range commands of the protocol text; no memcached release answers them with anything but 0x81.
    @inlinable package static var rangeGet: Opcode { Opcode(rawValue: 0x30) }
    @inlinable package static var rangeSet: Opcode { Opcode(rawValue: 0x31) }
    @inlinable package static var rangeSetQuiet: Opcode { Opcode(rawValue: 0x32) }
    @inlinable package static var rangeAppend: Opcode { Opcode(rawValue: 0x33) }
    @inlinable package static var rangeAppendQuiet: Opcode { Opcode(rawValue: 0x34) }
    @inlinable package static var rangePrepend: Opcode { Opcode(rawValue: 0x35) }
    @inlinable package static var rangePrependQuiet: Opcode { Opcode(rawValue: 0x36) }
    @inlinable package static var rangeDelete: Opcode { Opcode(rawValue: 0x37) }
    @inlinable package static var rangeDeleteQuiet: Opcode { Opcode(rawValue: 0x38) }
    @inlinable package static var rangeIncrement: Opcode { Opcode(rawValue: 0x39) }
    @inlinable package static var rangeIncrementQuiet: Opcode { Opcode(rawValue: 0x3A) }
    @inlinable package static var rangeDecrement: Opcode { Opcode(rawValue: 0x3B) }
    @inlinable package static var rangeDecrementQuiet: Opcode { Opcode(rawValue: 0x3C) }
}

extension Opcode: CustomStringConvertible {
    /// The field's name in capitals ("GETKQ"), or the byte in hexadecimal when it has none.
    @usableFromInline package var description: String {
        if let entry = OpcodeTable.entry(for: self) { return entry.name }
        let digits = String(rawValue, radix: 16)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
    }
}
