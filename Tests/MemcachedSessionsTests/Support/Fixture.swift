import Memcached
import NIOCore

@testable import MemcachedSessions

/// A handler over a cache in memory and a clock that stands still.
struct Fixture {
    static let id = "0123456789abcdefghijklmnopqrstuv"
    /// The same as it is used inside; the text above is one.
    static var sessionID: SessionID? { SessionID(id, prefix: "") }
    static let lockKey = "lock." + id

    let time: ManualTime
    let cache: MemoryCache
    let handler: MemcachedSessionHandler
    private let ending: Ending

    /// Ends what still sleeps or waits for an answer when the test is over: its time does not pass any more.
    private final class Ending: Sendable {
        private let time: ManualTime
        private let cache: MemoryCache

        init(_ time: ManualTime, _ cache: MemoryCache) {
            self.time = time
            self.cache = cache
        }

        deinit {
            time.end()
            cache.forgetLateAnswers()
        }
    }

    init(
        isSingleServer: Bool = true,
        keepsCAS: Bool = true,
        defect: MemoryCache.Defect? = nil,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
        // Most tests are about requests and locks; JSON is easiest to read in them.
        configuration.format = .json
        configure(&configuration)
        let time = ManualTime()
        let cache = MemoryCache(time, isSingleServer: isSingleServer, keepsCAS: keepsCAS, defect: defect)
        self.time = time
        self.cache = cache
        self.ending = Ending(time, cache)
        self.handler = try MemcachedSessionHandler(configuration, sender: cache, time: time.sessionTime)
    }

    /// Stores a session as an earlier request would have.
    func store(_ text: String) {
        cache.put(Self.id, text)
    }

    var stored: String? { cache.text(Self.id) }
}

extension ByteBuffer {
    var text: String { String(buffer: self) }
}

/// What `body` throws; nil when it throws nothing or something else.
func sessionError<Value>(_ body: () async throws -> Value) async -> MemcachedSessionError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? MemcachedSessionError
    }
}

extension MemcachedError {
    static var outage: MemcachedError { MemcachedError(.connectionFailed, "refused", server: "127.0.0.1:11211") }

    /// The connection was cut after something had been sent.
    static var cut: MemcachedError { MemcachedError(.connectionLost, "the connection was cut", outcome: .unknown) }
}
