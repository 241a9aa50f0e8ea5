#if HummingbirdSupport
import MemcachedSessions
import Testing

@testable import HummingbirdMemcached

@Suite struct SetCookieHeaderTests {
    @Test func `the defaults`() {
        let header = SetCookieHeader(cookie: .init())
        #expect(header.setting("abc", isSecure: true) == "PHPSESSID=abc; Path=/; Secure; HttpOnly; SameSite=Lax")
        #expect(header.setting("abc", isSecure: false) == "PHPSESSID=abc; Path=/; HttpOnly; SameSite=Lax")
    }

    @Test func `name, path, domain and lifetime are those of the settings`() {
        var cookie = MemcachedSessionConfiguration.Cookie()
        cookie.name = "shop"
        cookie.path = "/shop"
        cookie.domain = "example.org"
        cookie.lifetime = .seconds(3_600)
        cookie.sameSite = .strict
        #expect(
            SetCookieHeader(cookie: cookie).setting("abc", isSecure: true)
                == "shop=abc; Max-Age=3600; Path=/shop; Domain=example.org; Secure; HttpOnly; SameSite=Strict"
        )
    }

    @Test func `clearing names the same cookie and ends it`() {
        var cookie = MemcachedSessionConfiguration.Cookie()
        cookie.name = "shop"
        cookie.path = "/shop"
        cookie.domain = "example.org"
        cookie.lifetime = .seconds(3_600)
        let header = SetCookieHeader(cookie: cookie).clearing(isSecure: true)
        #expect(header.hasPrefix("shop=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; "))
        #expect(header.hasSuffix("; Path=/shop; Domain=example.org; Secure; HttpOnly; SameSite=Lax"))
        #expect(!header.contains("3600"))
    }

    @Test func `a comma of the id is escaped, and read back`() {
        let header = SetCookieHeader(cookie: .init()).setting("a,b-,", isSecure: false)
        #expect(header.hasPrefix("PHPSESSID=a%2Cb-%2C; "))
        #expect(RequestCookies([String(header.prefix { $0 != ";" })]).onlyValue(of: "PHPSESSID") == "a,b-,")
    }

    @Test func `what the settings leave out is left out`() {
        var cookie = MemcachedSessionConfiguration.Cookie()
        cookie.isHTTPOnly = false
        cookie.sameSite = nil
        #expect(SetCookieHeader(cookie: cookie).setting("abc", isSecure: false) == "PHPSESSID=abc; Path=/")
    }
}
#endif
