import NIOCore
import Synchronization
import Testing

@testable import MemcachedSessions

@Suite struct MemcachedSessionTests {
    static func session(_ text: String = "", isUnsaved: Bool = false) -> MemcachedSession {
        MemcachedSession(
            id: Fixture.id,
            isNew: text.isEmpty,
            isUnsaved: isUnsaved,
            content: SessionContent(ByteBuffer(string: text), format: .json)
        )
    }

    @Test func `variables are read and set by name`() throws {
        let session = Self.session(#"{"count":1,"name":"Ada"}"#)
        session["count", default: 0] += 1
        let name: String? = session["name"]
        #expect(name == "Ada")
        #expect(session["count", as: Int.self] == 2)
        #expect(session["missing", as: Int.self] == nil)
        #expect(try session.names() == ["count", "name"])
        session["name", as: String.self] = nil
        #expect(try session.names() == ["count"])
        #expect(session.bytes.text == #"{"count":2}"#)
    }

    @Test func `a session without variables is no value, and one with them may be`() throws {
        struct Cart: Codable, Equatable { var items: [String] }
        let session = Self.session()
        #expect(try session.value(as: Cart.self) == nil)
        try session.setValue(Cart(items: ["tea"]))
        #expect(try session.value(as: Cart.self) == Cart(items: ["tea"]))
        #expect(session.bytes.text == #"{"items":["tea"]}"#)
    }

    @Test func `bytes and variables are two views of one content`() throws {
        let session = Self.session(#"{"a":1}"#)
        session["a"] = 2
        #expect(session.bytes.text == #"{"a":2}"#)
        session.bytes = ByteBuffer(string: #"{"b":3}"#)
        #expect(session["a", as: Int.self] == nil)
        #expect(session["b", as: Int.self] == 3)
    }

    @Test func `what throws says so at once and is not remembered`() {
        let session = Self.session(#"{"a":"text"}"#)
        #expect(throws: MemcachedSessionError(.decodingFailed, "")) { try session.value("a", as: Int.self) }
        #expect(throws: MemcachedSessionError(.encodingFailed, "")) { try session.setValue(Double.infinity, for: "b") }
        #expect(session.state.withLock { $0.failure } == nil)
        #expect(session.bytes.text == #"{"a":"text"}"#)
    }

    @Test func `what cannot throw is remembered, the first failure of all`() {
        let session = Self.session(#"{"a":"text"}"#)
        session["a", default: 0] += 1
        session["b"] = Double.nan
        #expect(session.state.withLock { $0.failure }?.code == .decodingFailed)
    }

    @Test func `an unsaved session can be neither destroyed nor renamed`() {
        let session = Self.session(isUnsaved: true)
        #expect(throws: MemcachedSessionError(.unsaved, "")) { try session.destroy() }
        #expect(throws: MemcachedSessionError(.unsaved, "")) { try session.regenerateID() }
        #expect(!session.isDestroyed)
    }

    @Test func `printing shows neither id nor content`() {
        let session = Self.session(#"{"secret":"hunter2"}"#)
        var dumped = ""
        dump(session, to: &dumped)
        let cookie = MemcachedSessionCookie.set(Fixture.id)
        var dumpedCookie = ""
        dump(cookie, to: &dumpedCookie)
        let outcome = MemcachedSessionOutcome(value: 1, cookie: cookie)
        for shown in ["\(session)", String(reflecting: session), dumped, "\(cookie)", dumpedCookie, "\(outcome)"] {
            #expect(!shown.contains("hunter2"))
            #expect(!shown.contains(Fixture.id.prefix(8)))
        }
    }
}
