#if HummingbirdSupport
import NIOCore
import Testing

@testable import HummingbirdMemcached

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "10.0.0.2", false),
        ("10.0.0.0/8", "10.255.3.4", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("10.1.2.3/8", "10.9.9.9", true),
        ("192.168.4.0/22", "192.168.7.255", true),
        ("192.168.4.0/22", "192.168.8.0", false),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false),
        ("::1", "::1", true),
        ("::1", "::2", false),
        ("fd00::/8", "fdab::1", true),
        ("fd00::/8", "fe80::1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("::/0", "10.0.0.1", false),
    ])
    func `which addresses belong to a range`(range: String, address: String, belongs: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try SocketAddress(ipAddress: address, port: 40_000)) == belongs)
    }

    @Test func `a unix socket is a range of its own`() throws {
        let socket = try SocketAddress(unixDomainSocketPath: "/run/app.sock")
        #expect(AddressRange("unix")?.contains(socket) == true)
        #expect(AddressRange("0.0.0.0/0")?.contains(socket) == false)
        #expect(AddressRange("::/0")?.contains(socket) == false)
        #expect(AddressRange("unix")?.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 1)) == false)
    }

    @Test(arguments: [
        "", "proxy", "10.0.0", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+8", "10.0.0.1/8/8", "::1/129",
        "/8",
        "10.0.0.1/99999999999999999999", " 10.0.0.1", "unix/0", "https://10.0.0.1",
    ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
#endif
