/// The skeleton of a certificate in DER: everything that stands before and around the names, and the names.
struct CertificateBytes {
    /// Tag and content of each name, 0x82 for DNS and 0x87 for an address.
    var names: [(UInt8, [UInt8])]
    /// How often the extension stands there.
    var extensionCount = 1
    var isCritical = false

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case 0..<0x80: [tag, UInt8(content.count)] + content
        case 0x80..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }

    var bytes: [UInt8] {
        let list = Self.element(0x30, names.flatMap { Self.element($0.0, $0.1) })
        let critical: [UInt8] = isCritical ? [0x01, 0x01, 0xFF] : []
        let entry = Self.element(
            0x30,
            Self.element(0x06, [0x55, 0x1D, 0x11]) + critical + Self.element(0x04, list)
        )
        // Another extension in front, with content that only looks like names.
        let other = Self.element(
            0x30,
            Self.element(0x06, [0x55, 0x1D, 0x0E]) + Self.element(0x04, Self.element(0x82, Array("wrong.example".utf8)))
        )
        let entries = other + Array(repeating: entry, count: extensionCount).flatMap { $0 }
        let fields =
            Self.element(0xA0, [0x02, 0x01, 0x02])  // version
            + Self.element(0x02, [0x01])  // serial number
            + Self.element(0x30, [])  // signature algorithm
            + Self.element(0x30, [])  // issuer
            + Self.element(0x30, [])  // validity
            + Self.element(0x30, [])  // subject
            + Self.element(0x30, [])  // public key
            + Self.element(0xA3, Self.element(0x30, entries))
        return Self.element(0x30, Self.element(0x30, fields) + Self.element(0x30, []) + Self.element(0x03, [0]))
    }
}
