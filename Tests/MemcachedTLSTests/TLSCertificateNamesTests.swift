import Testing

@testable import Memcached

/// Reading the names out of a certificate: OpenSSL's, and bytes that only look like one.
@Suite struct TLSCertificateNamesTests {
    private static let loopback: [[UInt8]] = [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]]

    @Test(arguments: [
        (Certificate.good, ["localhost", "cache.test"], loopback),
        (.expired, ["localhost", "cache.test"], loopback),
        (.early, ["localhost", "cache.test"], loopback),
        (.unknown, ["localhost", "cache.test"], loopback),
        (.unchained, ["localhost", "cache.test"], loopback),
        (.chained, ["localhost", "cache.test"], loopback),
        (.elsewhere, ["elsewhere.test"], [[192, 0, 2, 1]]),
        (.address, [], loopback),
        (.wildcard, ["*.cache.test"], []),
        (.commonName, [], []),
        (.selfSigned, [], []),
        (.authority, [], []),
        (.client, [], []),
        (.clientUnknown, [], []),
    ])
    func `the names that OpenSSL wrote are found`(certificate: Certificate, dns: [String], addresses: [[UInt8]]) throws
    {
        let names = try #require(TLSCertificateNames(certificate: try certificate.bytes()))
        #expect(names.dns == dns.map { Array($0.utf8) })
        #expect(names.addresses == addresses)
        #expect(names.isEmpty == (dns.isEmpty && addresses.isEmpty))
    }

    @Test(arguments: [false, true])
    func `the extension may be critical, and other kinds of names are passed over`(isCritical: Bool) throws {
        let bytes = CertificateBytes(
            names: [
                (0x81, Array("me@example".utf8)), (0x82, Array("a.example".utf8)), (0x86, [1]), (0x87, [1, 2, 3, 4]),
            ],
            isCritical: isCritical
        )
        .bytes
        let names = try #require(TLSCertificateNames(certificate: bytes))
        #expect(names.dns == [Array("a.example".utf8)])
        #expect(names.addresses == [[1, 2, 3, 4]])
    }

    @Test func `a certificate with two lists of names is none`() {
        let names: [(UInt8, [UInt8])] = [(0x82, Array("a.example".utf8))]
        #expect(TLSCertificateNames(certificate: CertificateBytes(names: names).bytes) != nil)
        #expect(TLSCertificateNames(certificate: CertificateBytes(names: names, extensionCount: 2).bytes) == nil)
    }

    @Test func `no prefix of a certificate has names`() throws {
        let bytes = try Certificate.good.bytes()
        for length in 0..<bytes.count {
            #expect(TLSCertificateNames(certificate: Array(bytes.prefix(length))) == nil, "\(length)")
        }
    }

    @Test func `a changed byte never brings in a name that was not there`() throws {
        let bytes = try Certificate.good.bytes()
        let wanted = try #require(TLSServerName("elsewhere.test"))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                guard let names = TLSCertificateNames(certificate: changed) else { continue }
                #expect(!wanted.isAmong(names))
                // Whatever is read lies within the certificate.
                #expect((names.dns + names.addresses).reduce(0) { $0 + $1.count } < bytes.count)
            }
        }
    }

    @Test func `errors show a bounded number of names, in printable letters`() throws {
        let bytes = CertificateBytes(
            names: [(0x82, [0x1B, 0x5B, 0x41, 0x0A, 0xC3, 0xBC]), (0x82, Array(repeating: 0x61, count: 5_000))]
                + Array(repeating: (0x87, [1, 2, 3, 4]), count: 1_000) + [(0x87, [1, 2, 3])]
        )
        .bytes
        let text = try #require(TLSCertificateNames(certificate: bytes)).description
        #expect(text.hasPrefix("?[A???, aaaa"))
        #expect(text.contains("1.2.3.4") && text.hasSuffix("…"))
        #expect(text.utf8.count < 300)
    }
}
