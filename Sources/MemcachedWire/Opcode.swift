/// One command of the memcached binary protocol.
///
/// An open set: a byte that this table does not name is still an opcode, because a server may echo one.
/// Source: memcached `protocol_binary.h` and captures of memcached 1.6.18 (`Fixtures/wire`).
package struct Opcode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}

extension Opcode {
    package static let get = Opcode(rawValue: 0x00)
    package static let set = Opcode(rawValue: 0x01)
    package static let add = Opcode(rawValue: 0x02)
    package static let replace = Opcode(rawValue: 0x03)
    package static let delete = Opcode(rawValue: 0x04)
    package static let increment = Opcode(rawValue: 0x05)
    package static let decrement = Opcode(rawValue: 0x06)
    package static let quit = Opcode(rawValue: 0x07)
    package static let flush = Opcode(rawValue: 0x08)
    package static let getQuiet = Opcode(rawValue: 0x09)
    package static let noop = Opcode(rawValue: 0x0A)
    package static let version = Opcode(rawValue: 0x0B)
    package static let getKey = Opcode(rawValue: 0x0C)
    package static let getKeyQuiet = Opcode(rawValue: 0x0D)
    package static let append = Opcode(rawValue: 0x0E)
    package static let prepend = Opcode(rawValue: 0x0F)
    package static let stat = Opcode(rawValue: 0x10)
    package static let setQuiet = Opcode(rawValue: 0x11)
    package static let addQuiet = Opcode(rawValue: 0x12)
    package static let replaceQuiet = Opcode(rawValue: 0x13)
    package static let deleteQuiet = Opcode(rawValue: 0x14)
    package static let incrementQuiet = Opcode(rawValue: 0x15)
    package static let decrementQuiet = Opcode(rawValue: 0x16)
    package static let quitQuiet = Opcode(rawValue: 0x17)
    package static let flushQuiet = Opcode(rawValue: 0x18)
    package static let appendQuiet = Opcode(rawValue: 0x19)
    package static let prependQuiet = Opcode(rawValue: 0x1A)
    /// Not known to memcached 1.6 and a trap: with its four bytes of extras the server swallows what follows.
    package static let verbosity = Opcode(rawValue: 0x1B)
    package static let touch = Opcode(rawValue: 0x1C)
    package static let getAndTouch = Opcode(rawValue: 0x1D)
    package static let getAndTouchQuiet = Opcode(rawValue: 0x1E)
    package static let saslListMechanisms = Opcode(rawValue: 0x20)
    package static let saslAuthenticate = Opcode(rawValue: 0x21)
    package static let saslStep = Opcode(rawValue: 0x22)
    package static let getAndTouchKey = Opcode(rawValue: 0x23)
    package static let getAndTouchKeyQuiet = Opcode(rawValue: 0x24)

    // Range commands of the protocol text; no memcached release answers them with anything but 0x81.
    package static let rangeGet = Opcode(rawValue: 0x30)
    package static let rangeSet = Opcode(rawValue: 0x31)
    package static let rangeSetQuiet = Opcode(rawValue: 0x32)
    package static let rangeAppend = Opcode(rawValue: 0x33)
    package static let rangeAppendQuiet = Opcode(rawValue: 0x34)
    package static let rangePrepend = Opcode(rawValue: 0x35)
    package static let rangePrependQuiet = Opcode(rawValue: 0x36)
    package static let rangeDelete = Opcode(rawValue: 0x37)
    package static let rangeDeleteQuiet = Opcode(rawValue: 0x38)
    package static let rangeIncrement = Opcode(rawValue: 0x39)
    package static let rangeIncrementQuiet = Opcode(rawValue: 0x3A)
    package static let rangeDecrement = Opcode(rawValue: 0x3B)
    package static let rangeDecrementQuiet = Opcode(rawValue: 0x3C)
}

extension Opcode: CustomStringConvertible {
    /// The field's name in capitals ("GETKQ"), or the byte in hexadecimal when it has none.
    package var description: String {
        if let entry = OpcodeTable.entry(for: self) { return entry.name }
        let digits = String(rawValue, radix: 16)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
    }
}
