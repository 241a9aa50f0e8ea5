import Testing

@testable import Memcached

/// The servers that the addresses of a name make.
@Suite struct AddressListTests {
    private static func labels(
        _ addresses: [String],
        _ family: MemcachedConfiguration.Discovery.Family = .any
    ) -> [String] {
        AddressList.servers(addresses, of: .tcp("cache.example", port: 11_212), family).map(\.label)
    }

    @Test func `addresses are sorted by their bytes, those of IPv4 first`() {
        let addresses = ["2001:db8::2", "10.0.0.10", "10.0.0.9", "::1", "9.255.0.1", "2001:db8::1:0"]
        let expected = [
            "9.255.0.1:11212", "10.0.0.9:11212", "10.0.0.10:11212", "[::1]:11212", "[2001:db8::2]:11212",
            "[2001:db8::1:0]:11212",
        ]
        #expect(Self.labels(addresses) == expected)
        #expect(Self.labels(addresses.reversed()) == expected)
        #expect(Self.labels(addresses, .ipv4) == Array(expected.prefix(3)))
        #expect(Self.labels(addresses, .ipv6) == Array(expected.suffix(3)))
    }

    @Test func `an address that stands twice is one server`() {
        #expect(Self.labels(["10.0.0.1", "10.0.0.1", "::1", "0:0:0:0:0:0:0:1"]).count == 2)
    }

    @Test func `what is no address is left out`() {
        #expect(Self.labels(["", "cache.example", "10.0.0", "10.0.0.1", "10.0.0.256"]) == ["10.0.0.1:11212"])
        #expect(Self.labels([]).isEmpty)
    }

    @Test func `at most 256 addresses count`() {
        let many = (0..<300).map { "10.0.\($0 / 256).\($0 % 256)" }
        #expect(Self.labels(many.shuffled()) == many.prefix(256).map { "\($0):11212" })
    }

    @Test func `each server belongs to the name, and has its weight`() {
        let servers = AddressList.servers(["10.0.0.1", "::1"], of: .tcp("cache.example", weight: 3), .any)
        #expect(servers.allSatisfy { $0.hostToVerify == "cache.example" && $0.weight == 3 })
        #expect(servers.map(\.hostToResolve) == ["10.0.0.1", "::1"])
        #expect(servers.map(\.asConfigured) == [.tcp("cache.example", weight: 3), .tcp("cache.example", weight: 3)])
        #expect(servers.first != .tcp("10.0.0.1", weight: 3))
        #expect(MemcachedServer.tcp("10.0.0.1").hostToVerify == "10.0.0.1")
    }
}
