import Foundation
import HTTPExchange
import NIOHTTP1
import Synchronization

/// What nobody may read in a log or in the arguments of a process: passwords, and the ids in cookies.
final class Secrets: Sendable {
    private let texts = Mutex<Set<String>>([])

    /// The texts.
    var all: Set<String> { texts.withLock { $0 } }

    /// Remembers the password of a cache.
    func note(_ cache: PrivateCache) {
        guard let password = cache.variables["MEMCACHED_PASSWORD"] else { return }
        texts.withLock { _ = $0.insert(password) }
    }

    /// Remembers the ids that a response gives away.
    func note(response: HTTPResponse) {
        for cookie in response.headers["Set-Cookie"].compactMap(Cookie.init(setCookie:)) where cookie.value.count > 20 {
            texts.withLock { _ = $0.insert(cookie.value) }
        }
    }
}

extension Check {
    /// Whether logs and arguments keep what they must not say.
    func checkSecrets() async throws {
        let secrets = secrets.all
        let lines = await traces.printed()
        let said = Data((lines + traces.arguments).joined(separator: "\n").utf8)
        try await list.check("no log and no argument of a process holds a password or an id of a session") {
            for secret in secrets {
                guard let found = said.range(of: Data(secret.utf8)) else { continue }
                let around = said[max(found.lowerBound - 60, said.startIndex)..<found.lowerBound]
                throw Failure("one stands behind: \(String(decoding: around, as: UTF8.self))")
            }
            try expect(secrets.count >= 20, "only \(secrets.count) were looked for")
            try expect(lines.contains { $0.contains(" trace ") }, "nothing was logged at level trace")
            return "\(secrets.count) secrets, \(lines.count) lines"
        }
    }
}
