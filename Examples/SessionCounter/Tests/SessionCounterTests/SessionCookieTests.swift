import HTTPTypes
import MemcachedSessions
import Testing

@testable import SessionCounter

struct SessionCookieTests {
    private let cookie = SessionCookie()

    private func id(_ headers: String...) -> String? {
        var fields = HTTPFields()
        for header in headers { fields.append(HTTPField(name: .cookie, value: header)) }
        return cookie.id(in: fields)
    }

    private func setCookie(_ cookie: SessionCookie, _ outcome: MemcachedSessionCookie) -> [String] {
        var fields = HTTPFields()
        cookie.apply(outcome, to: &fields)
        return fields[values: .setCookie]
    }

    @Test func `the id is the value of the cookie of our name`() {
        #expect(id("session=abc") == "abc")
        #expect(id("a=1; session=abc; b=2") == "abc")
        #expect(id("a=1", "session=abc") == "abc")
        #expect(id("a=1;session=abc") == "abc")
        #expect(id("session=a=b") == "a=b")
    }

    @Test func `without a cookie of our name there is no id`() {
        #expect(id() == nil)
        #expect(id("Session=abc; session2=abc; xsession=abc; session") == nil)
    }

    @Test func `two cookies of our name count as none, also when they agree`() {
        #expect(id("session=abc; session=def") == nil)
        #expect(id("session=abc", "session=abc") == nil)
    }

    @Test func `a new id is set for this site, out of the reach of scripts and of other sites`() {
        #expect(setCookie(cookie, .set("abc")) == ["session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"])
    }

    @Test func `Secure can be switched off for the loopback interface`() {
        let cookie = SessionCookie(isSecure: false)
        #expect(setCookie(cookie, .set("abc")) == ["session=abc; Path=/; HttpOnly; SameSite=Lax"])
    }

    @Test func `clearing expires the cookie, keeping sends nothing`() {
        #expect(setCookie(cookie, .clear) == ["session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"])
        #expect(setCookie(cookie, .keep).isEmpty)
    }
}
