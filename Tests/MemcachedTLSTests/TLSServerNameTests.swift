import Testing

@testable import Memcached

/// Which texts name a server, and which certificates prove a name.
@Suite struct TLSServerNameTests {
    @Test(arguments: [
        ("cache.example", "cache.example"),
        ("Cache.EXAMPLE", "cache.example"),
        ("cache.example.", "cache.example"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("1cache.2example.3com", "1cache.2example.3com"),
    ])
    func `a host name is a name, indicated to the server without case and closing dot`(text: String, name: String) {
        #expect(TLSServerName(text) == .name(name))
        #expect(TLSServerName(text)?.indication == name)
        #expect(TLSServerName(text)?.description == name)
    }

    @Test(arguments: [
        ("192.0.2.1", [192, 0, 2, 1]),
        ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ("2001:DB8::7", [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
    ])
    func `an address is an address and never indicated`(text: String, bytes: [UInt8]) throws {
        let name = try #require(TLSServerName(text))
        #expect(name == .address(bytes))
        #expect(name.indication == nil)
        #expect(name.description == text.lowercased())
    }

    @Test(arguments: [
        "", ".", "a..b", ".a", "my_cache", "bücher.example", "cache example", "cache/example", "*.example", "[::1]",
        "fe80::1%eth0", "10.1", "192.0.2.256", "1.2.3.4.5", "cache\n",
        String(repeating: "a", count: 64) + ".example",
        Array(repeating: "abcdefg", count: 32).joined(separator: "."),
    ])
    func `what no certificate can be held against is no name`(text: String) {
        #expect(TLSServerName(text) == nil)
    }

    @Test(arguments: [
        ("cache.example", "cache.example", true),
        ("cache.example", "CACHE.Example", true),
        ("cache.example", "cache.example.org", false),
        ("cache.example", "xcache.example", false),
        ("shop.cache.example", "*.cache.example", true),
        ("shop.cache.example", "*.Cache.example", true),
        ("cache.example", "*.cache.example", false),
        ("a.b.cache.example", "*.cache.example", false),
        ("shop.cache.example", "s*.cache.example", false),
        ("shop.cache.example", "*hop.cache.example", false),
        ("shop.cache.example", "shop.*.example", false),
        ("shop.cache.example", "*", false),
        ("localhost", "*", false),
        ("localhost", "*.", false),
        ("cache.example", "", false),
        ("cache.example", "cache.example.", false),
    ])
    func `a wildcard stands for the whole first label`(name: String, presented: String, isGood: Bool) throws {
        let certificate = CertificateBytes(names: [(0x82, Array(presented.utf8))])
        let names = try #require(TLSCertificateNames(certificate: certificate.bytes))
        #expect(try #require(TLSServerName(name)).isAmong(names) == isGood)
    }

    @Test func `a NUL ends no name early`() throws {
        #expect(TLSServerName("192.0.2.1\0.example") == nil)
        #expect(TLSServerName("cache.example\0") == nil)
        let presented = CertificateBytes(names: [(0x82, Array("cache.example\0.attacker.example".utf8))])
        let names = try #require(TLSCertificateNames(certificate: presented.bytes))
        #expect(try !#require(TLSServerName("cache.example")).isAmong(names))
    }

    @Test func `addresses and names are never taken for one another`() throws {
        let address: [UInt8] = [192, 0, 2, 1]
        let asAddress = CertificateBytes(names: [(0x87, address)])
        let asName = CertificateBytes(names: [(0x82, Array("192.0.2.1".utf8))])
        let wanted = try #require(TLSServerName("192.0.2.1"))
        #expect(wanted.isAmong(try #require(TLSCertificateNames(certificate: asAddress.bytes))))
        #expect(!wanted.isAmong(try #require(TLSCertificateNames(certificate: asName.bytes))))
        let other = try #require(TLSServerName("192.0.2.2"))
        #expect(!other.isAmong(try #require(TLSCertificateNames(certificate: asAddress.bytes))))
    }
}
