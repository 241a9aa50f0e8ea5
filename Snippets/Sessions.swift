// A session that every process of an application sees, in a cache named by the environment.
import MemcachedSessions

/// Serves one request: `cookie` is what the browser sent, and the outcome says what it has to become.
func hello(cookie: String?, sessions: MemcachedSessionHandler) async throws -> MemcachedSessionOutcome<String> {
    // snippet.begin
    try await sessions.withSession(id: cookie) { session in
        session["count", default: 0] += 1
        return "Hello #\(session["count", default: 0])"
    }
    // snippet.end
}

// MEMCACHIER_SERVERS, _USERNAME and _PASSWORD, or one of the other families.
let sessions = try MemcachedSessionHandler(.fromEnvironment())
let first = try await hello(cookie: nil, sessions: sessions)
if case .set(let id) = first.cookie { print(first.value, try await hello(cookie: id, sessions: sessions).value) }
await sessions.shutdown()
