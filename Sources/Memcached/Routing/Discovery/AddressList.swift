/// Makes the servers of a name from what a lookup found.
enum AddressList {
    /// The servers of a name: each address once, sorted by its bytes, those of IPv4 first.
    ///
    /// What is no address is left out, and so is what exceeds ``MemcachedConfiguration/Discovery/maximumServers``.
    ///
    /// - Parameters:
    ///   - addresses: What a lookup found, as text, in any order.
    ///   - name: The server as it is configured; each of the servers has its port and weight, and belongs to its host.
    ///   - family: Which addresses count.
    /// - Returns: The servers; none when there is no usable address.
    static func servers(
        _ addresses: [String],
        of name: MemcachedServer,
        _ family: MemcachedConfiguration.Discovery.Family
    ) -> [MemcachedServer] {
        guard case .tcp(_, let port) = name.address else { return [] }
        var found: [(bytes: [UInt8], text: String)] = []
        for text in addresses {
            // The zone of a link-local address, "%eth0", is part of the text and not of the address.
            guard
                case .address(let bytes) = TLSServerName(String(text.prefix { $0 != "%" })),
                family == .any || (family == .ipv4) == (bytes.count == 4)
            else { continue }
            found.append((bytes, text))
        }
        found.sort { left, right in
            left.bytes.count == right.bytes.count
                ? left.bytes.lexicographicallyPrecedes(right.bytes) : left.bytes.count < right.bytes.count
        }
        var servers: [MemcachedServer] = []
        var last: [UInt8]?
        for (bytes, text) in found where bytes != last {
            last = bytes
            var server = MemcachedServer.tcp(bytes.count == 16 ? "[\(text)]" : text, port: port, weight: name.weight)
            server.configuredHost = name.hostToResolve
            servers.append(server)
        }
        return Array(servers.prefix(MemcachedConfiguration.Discovery.maximumServers))
    }
}
