import HTTPExchange
import Testing

struct CookieTests {
    @Test func `a cookie has a name, a value and attributes`() throws {
        let cookie = try #require(Cookie(setCookie: "session=ab=c; Path=/; HttpOnly;SameSite=Lax"))
        #expect(cookie.name == "session")
        #expect(cookie.value == "ab=c")
        #expect(cookie.attributes == ["path": "/", "httponly": "", "samesite": "Lax"])
        #expect(!cookie.isExpired)
    }

    @Test(arguments: ["", "session", "=value", "; Path=/"])
    func `without a name it is no cookie`(header: String) {
        #expect(Cookie(setCookie: header) == nil)
    }

    @Test func `a jar sends what it was given, and forgets what has expired`() {
        var jar = CookieJar()
        #expect(jar.header == nil)
        jar.take(from: ["b=2; Path=/", "a=1"])
        #expect(jar.header == "a=1; b=2")
        jar.take(from: ["a=3", "b=; Max-Age=0"])
        #expect(jar.header == "a=3")
    }

    @Test func `without Set-Cookie a jar stays as it is`() {
        var jar = CookieJar()
        jar.keep("session", "1")
        let before = jar
        jar.take(from: [])
        #expect(jar == before)
    }
}
