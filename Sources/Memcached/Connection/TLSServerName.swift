#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The name that a server has to prove: as configured, never what it resolved to.
enum TLSServerName: Hashable, Sendable {
    /// A DNS name: lower-case ASCII without a closing dot.
    case name(String)
    /// An IP address in network order, 4 or 16 bytes.
    case address([UInt8])

    /// Reads a host name or an IP address; nil when no certificate could be held against the text.
    init?(_ text: String) {
        // A NUL would end the text for the C library and not for us.
        guard text.utf8.allSatisfy({ (1...0x7F).contains($0) }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &bytes) == 1 {
            self = .address(bytes)
        } else if inet_pton(AF_INET, text, &bytes) == 1 {
            self = .address(Array(bytes.prefix(4)))
        } else {
            let name = text.hasSuffix(".") ? text.dropLast() : text[...]
            guard Self.isName(name) else { return nil }
            self = .name(name.lowercased())
        }
    }

    /// What is sent in clear at the beginning of the handshake: host names, no addresses (RFC 6066 section 3).
    var indication: String? {
        if case .name(let name) = self { name } else { nil }
    }

    /// Whether a certificate is for this name.
    func isAmong(_ names: TLSCertificateNames) -> Bool {
        switch self {
        case .name(let name): names.dns.contains { Self.matches(Array(name.utf8), $0) }
        case .address(let address): names.addresses.contains(address)
        }
    }

    /// Compares as RFC 9525 section 6.3 does: a `*` stands for exactly one label, the first, and for all of it.
    private static func matches(_ name: [UInt8], _ presented: [UInt8]) -> Bool {
        let presented = presented.map(lowercased)
        guard presented.starts(with: "*.".utf8) else { return presented == name }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return false }
        return presented.dropFirst().elementsEqual(name[dot...])
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether a text is a host name (RFC 1123 section 2.1).
    ///
    /// One that ends in a number is a mistyped address.
    private static func isName(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isWellFormed = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isLetterDigitOrHyphen)
        }
        guard isWellFormed, text.utf8.count <= 253, let last = labels.last else { return false }
        return !last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLetterDigitOrHyphen(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension TLSServerName: CustomStringConvertible {
    var description: String {
        switch self {
        case .name(let name): name
        case .address(let bytes): Self.text(ofAddress: bytes)
        }
    }

    /// An address as people write it; hexadecimal when it has neither length.
    static func text(ofAddress bytes: [UInt8]) -> String {
        switch bytes.count {
        case 4:
            return bytes.map(String.init).joined(separator: ".")
        case 16:
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { fallthrough }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        default:
            return bytes.prefix(16).map { String($0, radix: 16) }.joined(separator: ":")
        }
    }
}
