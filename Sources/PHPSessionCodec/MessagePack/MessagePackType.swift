/// The type bytes of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md).
enum MessagePackType {
    static let fixedMap: UInt8 = 0x80
    static let fixedArray: UInt8 = 0x90
    static let fixedString: UInt8 = 0xa0
    static let `nil`: UInt8 = 0xc0
    static let `false`: UInt8 = 0xc2
    static let `true`: UInt8 = 0xc3
    /// Three widths each: 1, 2 and 4 bytes of length.
    static let binary: UInt8 = 0xc4
    static let float32: UInt8 = 0xca
    static let float64: UInt8 = 0xcb
    /// Four widths each: 1, 2, 4 and 8 bytes.
    static let unsigned: UInt8 = 0xcc
    static let signed: UInt8 = 0xd0
    static let string: UInt8 = 0xd9
    /// Two widths each: 2 and 4 bytes of count.
    static let array: UInt8 = 0xdc
    static let map: UInt8 = 0xde
}

/// What PHP's msgpack extension means by a pair whose key is nil (msgpack_pack.h of msgpack 2.2).
enum MessagePackMarker: Int {
    /// The container is a PHP reference.
    case reference = 1
    /// The next pair names an array that came before, as a PHP reference.
    case sameArray = 2
    /// The next pair holds class name and text of an object that implements Serializable.
    case serializable = 3
    /// The next pair names an object that came before.
    case sameObject = 4
    /// The same, as a PHP reference.
    case sameObjectReference = 5

    /// Whether the next pair names a container that came before.
    var namesContainer: Bool {
        switch self {
        case .sameArray, .sameObject, .sameObjectReference: true
        case .reference, .serializable: false
        }
    }
}
