#if HummingbirdSupport
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`, one address, or `unix` for unix sockets.
struct AddressRange: Hashable, Sendable {
    /// The network's bytes; none for unix sockets.
    ///
    /// IPv4 addresses inside of IPv6 (`::ffff:10.0.0.1`) count as IPv4.
    private let network: [UInt8]
    private let prefixLength: Int

    /// Reads a range; nil when it is none.
    init?(_ text: String) {
        guard text != "unix" else {
            network = []
            prefixLength = 0
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, let bytes = Self.bytes(ofText: String(address)) else { return nil }
        network = bytes
        guard parts.count > 1 else {
            prefixLength = bytes.count * 8
            return
        }
        guard
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            length <= bytes.count * 8
        else { return nil }
        prefixLength = length
    }

    /// Whether an address is of this range.
    func contains(_ address: SocketAddress) -> Bool {
        guard let bytes = Self.bytes(of: address), bytes.count == network.count else { return false }
        return zip(bytes, network).enumerated()
            .allSatisfy { index, pair in
                let bits = min(8, max(0, prefixLength - index * 8))
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
                return pair.0 & mask == pair.1 & mask
            }
    }

    /// The bytes of an address in network order; none for a unix socket, nil for what this system does not know.
    private static func bytes(of address: SocketAddress) -> [UInt8]? {
        if case .unixDomainSocket = address { return [] }
        return address.ipAddress.flatMap(bytes(ofText:))
    }

    /// The bytes of an address that is written out.
    private static func bytes(ofText text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            guard inet_pton(family, text, &bytes) == 1 else { continue }
            let isMapped =
                count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 0xFF }
            return isMapped ? Array(bytes.suffix(4)) : bytes
        }
        return nil
    }
}
#endif
