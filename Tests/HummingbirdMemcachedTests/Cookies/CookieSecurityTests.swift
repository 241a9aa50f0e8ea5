#if HummingbirdSupport
import HTTPTypes
import MemcachedSessions
import NIOCore
import Testing

@testable import HummingbirdMemcached

@Suite struct CookieSecurityTests {
    private static func headers(_ values: String...) throws -> HTTPFields {
        let name = try #require(HTTPField.Name("x-forwarded-proto"))
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: name, value: value)) }
        return headers
    }

    private let proxied = CookieSecurity(secure: .always, proxies: ["10.0.0.0/8"].compactMap { AddressRange($0) })
    private let proxy = try? SocketAddress(ipAddress: "10.0.0.7", port: 1)
    private let stranger = try? SocketAddress(ipAddress: "203.0.113.7", port: 1)

    @Test func `a cookie is secure unless the settings say never`() {
        #expect(CookieSecurity(secure: .always, proxies: []).isSecure([:], from: nil))
        #expect(!CookieSecurity(secure: .never, proxies: []).isSecure([:], from: nil))
    }

    @Test func `a proxy says that the browser came over plain HTTP`() throws {
        #expect(try !proxied.isSecure(Self.headers("http"), from: proxy))
        #expect(try !proxied.isSecure(Self.headers(" HTTP , http"), from: proxy))
        #expect(try proxied.isSecure(Self.headers("https"), from: proxy))
    }

    @Test func `what is not plainly HTTP stays secure`() throws {
        #expect(proxied.isSecure([:], from: proxy))
        #expect(try proxied.isSecure(Self.headers(""), from: proxy))
        #expect(try proxied.isSecure(Self.headers("https, http"), from: proxy))
        #expect(try proxied.isSecure(Self.headers("http", "https"), from: proxy))
        #expect(try proxied.isSecure(Self.headers("ws"), from: proxy))
    }

    @Test func `nobody else is believed`() throws {
        #expect(try proxied.isSecure(Self.headers("http"), from: stranger))
        #expect(try proxied.isSecure(Self.headers("http"), from: nil))
        #expect(try CookieSecurity(secure: .always, proxies: []).isSecure(Self.headers("http"), from: proxy))
    }

    @Test func `never is never, whatever a proxy says`() throws {
        let never = CookieSecurity(secure: .never, proxies: ["10.0.0.0/8"].compactMap { AddressRange($0) })
        #expect(try !never.isSecure(Self.headers("https"), from: proxy))
    }
}
#endif
