/// The names that a certificate is for: its subjectAltName (RFC 5280 section 4.2.1.6), and nothing else.
///
/// A common name is no name of a server (RFC 9525 section 2).
struct TLSCertificateNames: Hashable, Sendable {
    /// DNS names as they stand there, with wildcards.
    private(set) var dns: [[UInt8]] = []
    /// IP addresses in network order.
    private(set) var addresses: [[UInt8]] = []

    private static let sequence: UInt8 = 0x30
    private static let boolean: UInt8 = 0x01
    private static let octetString: UInt8 = 0x04
    private static let objectIdentifier: UInt8 = 0x06
    private static let version: UInt8 = 0xA0
    private static let extensions: UInt8 = 0xA3
    private static let dnsName: UInt8 = 0x82
    private static let ipAddress: UInt8 = 0x87
    /// 2.5.29.17.
    private static let subjectAlternativeName: [UInt8] = [0x55, 0x1D, 0x11]

    /// Reads a certificate in DER.
    ///
    /// - Returns: Nil when the bytes are no certificate, or when it has the extension twice.
    init?(certificate: [UInt8]) {
        var file = TLSElementReader(certificate[...])
        guard let outer = file.next(tag: Self.sequence) else { return nil }
        var signed = TLSElementReader(outer)
        guard let inner = signed.next(tag: Self.sequence) else { return nil }
        var fields = TLSElementReader(inner)
        _ = fields.next(tag: Self.version)
        var found: ArraySlice<UInt8>?
        while !fields.isAtEnd {
            guard let field = fields.next() else { return nil }
            guard field.tag == Self.extensions else { continue }
            var wrapper = TLSElementReader(field.content)
            guard let list = wrapper.next(tag: Self.sequence) else { return nil }
            var reader = TLSElementReader(list)
            while !reader.isAtEnd {
                guard let entry = reader.next(tag: Self.sequence), let (identifier, value) = Self.fields(of: entry)
                else { return nil }
                guard identifier == Self.subjectAlternativeName else { continue }
                guard found == nil else { return nil }
                found = value
            }
        }
        guard let found else { return }
        guard read(found) else { return nil }
    }

    /// Whether the certificate names no server at all.
    var isEmpty: Bool { dns.isEmpty && addresses.isEmpty }

    /// Identifier and value of an extension.
    private static func fields(of entry: ArraySlice<UInt8>) -> ([UInt8], ArraySlice<UInt8>)? {
        var reader = TLSElementReader(entry)
        guard let identifier = reader.next(tag: objectIdentifier) else { return nil }
        _ = reader.next(tag: boolean)
        guard let value = reader.next(tag: octetString), reader.isAtEnd else { return nil }
        return (Array(identifier), value)
    }

    /// Takes the names out of the extension's value.
    private mutating func read(_ value: ArraySlice<UInt8>) -> Bool {
        var reader = TLSElementReader(value)
        guard let list = reader.next(tag: Self.sequence), reader.isAtEnd else { return false }
        var names = TLSElementReader(list)
        while !names.isAtEnd {
            guard let name = names.next() else { return false }
            switch name.tag {
            case Self.dnsName: dns.append(Array(name.content))
            case Self.ipAddress: addresses.append(Array(name.content))
            default: break
            }
        }
        return true
    }
}

extension TLSCertificateNames: CustomStringConvertible {
    /// The names as errors may show them: a server may send any number of any bytes.
    var description: String {
        let texts = dns.map(Self.presentable) + addresses.map(TLSServerName.text(ofAddress:))
        return texts.prefix(8).joined(separator: ", ") + (texts.count > 8 ? ", …" : "")
    }

    private static func presentable(_ name: [UInt8]) -> String {
        let bytes = name.prefix(100).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
