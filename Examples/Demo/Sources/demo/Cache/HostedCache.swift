import HTTPExchange
import Memcached
import MemcachedSessions
import NIOHTTP1
import Synchronization

/// A cache that belongs to somebody: used under a random key prefix, and cleaned of exactly the keys that were made.
final class HostedCache: Sendable {
    /// Stands before every key of this run.
    let prefix = "demo-\(randomText(16))."
    /// The servers, without credentials.
    let servers: String
    /// The environment for the application's processes.
    let environment: [String: String]

    private let client: MemcachedClient
    private let ids = Mutex<Set<String>>([])

    /// Finds the cache.
    ///
    /// - Parameter parent: The environment that names it.
    /// - Throws: `MemcachedSessionError` when it names none, or more than one.
    init(_ parent: [String: String]) throws {
        var sessions = try MemcachedSessionConfiguration.fromEnvironment(parent)
        sessions.prefix = prefix
        // A session has two keys, its own and that of its lock. With PHP's placement a client finds both.
        client = try MemcachedClient(sessions.client)
        servers = sessions.client.servers.map(\.label).joined(separator: ", ")
        environment = ApplicationEnvironment.make(
            from: parent,
            keepsCache: true,
            cache: [:],
            options: ["SESSION_KEY_PREFIX": prefix]
        )
    }

    /// Remembers the session that a response has started, whoever has asked for it.
    func note(_ response: HTTPResponse) {
        for cookie in response.headers["Set-Cookie"].compactMap(Cookie.init(setCookie:)) where !cookie.value.isEmpty {
            ids.withLock { _ = $0.insert(cookie.value) }
        }
    }

    /// Deletes what the noted sessions have left, key by key.
    ///
    /// - Throws: ``KeysLeft`` when some could not be deleted.
    func clean() async throws(KeysLeft) {
        // Being stopped must not stop the cleaning. Ends with the last key, each within the client's timeout.
        let left = await Task {
            let keys = ids.withLock { $0 }.sorted().flatMap { [$0, "lock.\($0)"] }
            var left = 0
            for key in keys {
                do {
                    try await client.delete(MemcachedKey(key), timeout: .seconds(5))
                } catch {
                    left += 1
                }
            }
            await client.shutdown()
            if left == 0 { Console.line("Deleted the keys of \(keys.count / 2) sessions under \(prefix)") }
            return left
        }
        .value
        if left > 0 { throw KeysLeft(count: left, prefix: prefix) }
    }

    /// Keys that are still in somebody's cache.
    struct KeysLeft: Error, CustomStringConvertible {
        let count: Int
        let prefix: String

        var description: String {
            "\(count) keys under \(prefix) could not be deleted; they expire within 24 minutes."
        }
    }
}
