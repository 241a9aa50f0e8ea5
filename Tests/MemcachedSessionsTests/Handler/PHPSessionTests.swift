import NIOCore
import PHPSessionCodec
import Testing

@testable import MemcachedSessions

/// Requests on sessions that PHP stored.
@Suite struct PHPSessionTests {
    private static func fixture(_ stored: String, _ format: MemcachedPHPSessionFormat = .php) throws -> Fixture {
        let fixture = try Fixture { $0.format = format }
        fixture.store(stored)
        return fixture
    }

    @Test func `a counter of PHP's goes on`() async throws {
        let fixture = try Self.fixture(#"count|i:41;cart|O:4:"Cart":0:{}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["count", default: 0] += 1
            return session["count", default: 0]
        }
        #expect(outcome.value == 42)
        #expect(fixture.stored == #"count|i:42;cart|O:4:"Cart":0:{}"#)
        #expect(fixture.cache.items[Fixture.id]?.flags == 0)
    }

    @Test func `a first visit stores what PHP would store`() async throws {
        let fixture = try Fixture { $0.format = .phpSerialize }
        let outcome = try await fixture.handler.withSession(id: nil) { session in
            session["count"] = 1
            session["cart", "items", 0] = "pear"
        }
        guard case .set(let id) = outcome.cookie else { throw Unexpected() }
        let expected = #"a:2:{s:5:"count";i:1;s:4:"cart";a:1:{s:5:"items";a:1:{i:0;s:4:"pear";}}}"#
        #expect(fixture.cache.text(id) == expected)
    }

    private struct Unexpected: Error {}

    @Test func `values inside of variables are read and set by path`() async throws {
        let object = "u|O:4:\"User\":2:{s:7:\"\0*\0name\";s:3:\"Ann\";s:1:\"n\";i:1;}"
        let fixture = try Self.fixture(object + #"cart|a:1:{s:5:"items";a:2:{i:0;s:5:"apple";i:1;s:4:"pear";}}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            let apple: String? = session["cart", "items", 0]
            let seen = [apple, session["u", "name"], session["cart", "none", default: "none"]]
            session["u", "name"] = "Bob"
            session["u", "n", default: 0] += 1
            session["cart", "items", 1] = String?.none
            session["cart", "total"] = 4.5
            return seen
        }
        #expect(outcome.value == ["apple", "Ann", "none"])
        let user = "u|O:4:\"User\":2:{s:7:\"\0*\0name\";s:3:\"Bob\";s:1:\"n\";i:2;}"
        #expect(fixture.stored == user + #"cart|a:2:{s:5:"items";a:1:{i:0;s:5:"apple";}s:5:"total";d:4.5;}"#)
    }

    @Test func `PHP's own values are at hand where Codable has no word for them`() async throws {
        let fixture = try Self.fixture(#"a|i:1;b|R:1;e|E:11:"Suit:Hearts";"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(try session.phpSession()["e"]?.description == "enum case")
            try session.changePHPSession { php in
                php["b"] = 2
                php["c"] = try .unsafeObject("Cart", properties: [])
            }
        }
        #expect(fixture.stored == #"a|i:2;b|R:1;e|E:11:"Suit:Hearts";c|O:4:"Cart":0:{}"#)
    }

    @Test func `an unchanged session is touched, also when variables were set to what they were`() async throws {
        let text = "count|i:+1;"
        let fixture = try Self.fixture(text)
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["count", default: 0] += 0
        }
        #expect(fixture.stored == text)
        #expect(fixture.cache.log.contains("TOUCH \(Fixture.id)"))
    }

    @Test(arguments: ["not a session", "count|i:x;", #"{"count":1}"#])
    func `bytes that cannot be read are neither overwritten nor deleted`(text: String) async throws {
        let fixture = try Self.fixture(text)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { $0["count", default: 0] += 1 }
        }
        #expect(error?.code == .decodingFailed)
        #expect(error?.description.contains("at byte") == true)
        #expect(error?.description.contains(text) == false)
        let other = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["cart", "items", 0] = "pear"
            }
        }
        #expect(other?.code == .decodingFailed)
        let whole = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { try $0.setValue(["count": 1]) }
        }
        #expect(whole?.code == .decodingFailed)
        #expect(fixture.stored == text)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `what cannot be set by path is an error, and nothing is stored`() async throws {
        let fixture = try Self.fixture("count|i:1;")
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["other"] = 1
                session["count", "x"] = 1
            }
        }
        #expect(error?.code == .encodingFailed)
        let thrown = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.changePHPSession { php in
                    php["other"] = 1
                    throw Unexpected()
                }
            }
        }
        #expect(thrown?.cause is Unexpected)
        #expect(fixture.stored == "count|i:1;")
    }

    @Test func `paths need one of PHP's formats`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"cart":{"items":["pear"]}}"#)
        for body in [
            { session in _ = session["cart", "items", as: [String].self] },
            { session in session["cart", "items"] = ["plum"] }, { session in _ = try session.phpSession() },
            { session in try session.changePHPSession { $0["a"] = 1 } },
        ] as [@Sendable (MemcachedSession) throws -> Void] {
            let error = await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { session in try body(session) }
            }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(fixture.stored == #"{"cart":{"items":["pear"]}}"#)
    }
}
