/// The type bytes of igbinary 3 (enum igbinary_type in its igbinary.c).
///
/// Most types come in three widths, one after the other, for a number of 1, 2 or 4 bytes behind the type.
enum IgbinaryType {
    static let null: UInt8 = 0x00
    static let arrayReference: UInt8 = 0x01
    static let `false`: UInt8 = 0x04
    static let `true`: UInt8 = 0x05
    /// Integers come in pairs, positive and negative, for a magnitude of 1, 2 or 4 bytes.
    static let integer: UInt8 = 0x06
    static let double: UInt8 = 0x0c
    static let emptyString: UInt8 = 0x0d
    static let stringIdentifier: UInt8 = 0x0e
    static let string: UInt8 = 0x11
    static let array: UInt8 = 0x14
    static let object: UInt8 = 0x17
    static let objectIdentifier: UInt8 = 0x1a
    static let serializable: UInt8 = 0x1d
    /// The pair of integers of 8 bytes.
    static let longInteger: UInt8 = 0x20
    static let objectReference: UInt8 = 0x22
    static let reference: UInt8 = 0x25
    static let longString: UInt8 = 0x26
    static let enumCase: UInt8 = 0x27

    /// How many bytes the number behind a type has, where the type is one of the three in its family.
    static func width(_ type: UInt8, in family: UInt8) -> Int? {
        guard type >= family, type < family + 3 else { return nil }
        return 1 << Int(type - family)
    }

    /// How many bytes the magnitude of an integer has, and whether it is negative.
    static func integerForm(_ type: UInt8) -> (width: Int, isNegative: Bool)? {
        if type >= integer, type < integer + 6 { return (1 << Int((type - integer) / 2), (type - integer) % 2 == 1) }
        if type == longInteger || type == longInteger + 1 { return (8, type == longInteger + 1) }
        return nil
    }
}
