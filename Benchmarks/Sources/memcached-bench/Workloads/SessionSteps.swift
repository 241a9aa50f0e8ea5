import Memcached
import MemcachedSessions
import NIOCore

/// What a session of `w8` holds: 1,000 bytes, in turn one of two texts, because what does not change is not written.
struct SessionTexts: Sendable {
    static let bytes = 1_000
    private var turn = 0
    private let texts: [String]

    init(bytes: Int) {
        let text = SmallValues.text(bytes: bytes)
        texts = [text, String(text.reversed())]
    }

    /// What was stored last.
    var stored: String { texts[turn] }
    /// What is stored next.
    var next: String { texts[1 - turn] }

    mutating func goOn() { turn = 1 - turn }
}

/// `w8`: lock, read, write and unlock a session of 1,000 bytes.
struct SessionBytes: Step {
    static var operations: Int { 1 }
    let handler: MemcachedSessionHandler
    let id: String
    private var stored: ByteBuffer
    private var next: ByteBuffer

    init(handler: MemcachedSessionHandler) async throws {
        let texts = SessionTexts(bytes: SessionTexts.bytes)
        stored = ByteBuffer(string: texts.stored)
        next = ByteBuffer(string: texts.next)
        self.handler = handler
        self.id = try await handler.newSession { [stored] in $0.bytes = stored }
    }

    mutating func run() async throws {
        let wanted = stored
        let change = next
        let outcome = try await handler.withSession(id: id) { session in
            guard session.bytes == wanted else { throw BenchmarkFailure("the session is not what was stored") }
            session.bytes = change
        }
        guard outcome.cookie == .keep else { throw BenchmarkFailure("the session has another id") }
        swap(&stored, &next)
    }
}

/// The same with a variable in PHP's format, which makes 1,000 bytes of 989.
struct SessionVariable: Step {
    static var operations: Int { 1 }
    let handler: MemcachedSessionHandler
    let id: String
    private var texts = SessionTexts(bytes: SessionTexts.bytes - 11)

    init(handler: MemcachedSessionHandler) async throws {
        self.handler = handler
        let text = texts.stored
        self.id = try await handler.newSession { $0["d"] = text }
    }

    mutating func run() async throws {
        let texts = texts
        let outcome = try await handler.withSession(id: id) { session in
            guard session["d"] == texts.stored else { throw BenchmarkFailure("the session is not what was stored") }
            session["d"] = texts.next
        }
        guard outcome.cookie == .keep else { throw BenchmarkFailure("the session has another id") }
        self.texts.goOn()
    }
}

extension MemcachedSessionHandler {
    /// Stores a new session and gives its id.
    fileprivate nonisolated(nonsending) func newSession(_ fill: (MemcachedSession) -> Void) async throws -> String {
        let outcome = try await withSession(id: nil) { fill($0) }
        guard case .set(let id) = outcome.cookie else { throw BenchmarkFailure("the new session was not stored") }
        return id
    }
}
