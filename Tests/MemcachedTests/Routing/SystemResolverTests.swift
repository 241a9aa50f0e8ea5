import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Memcached

/// The operating system's resolver, and the threads on which it blocks.
@Suite struct SystemResolverTests {
    private static func lookUp(_ host: String) async throws -> [String] {
        try await withCheckedContinuation { continuation in
            SystemResolver().addresses(of: host) { continuation.resume(returning: $0) }
        }
        .get()
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `an address is its own address`(text: String) async throws {
        #expect(try await Self.lookUp(text) == [text])
    }

    /// Threads of a pool wait in front of it.
    private final class Gate: Sendable {
        private let lock = ConditionLock(value: 0)
        let hadToOpenEarly = Atomic<Bool>(false)

        func wait() {
            lock.lock(whenValue: 1)
            lock.unlock()
        }

        func open() {
            lock.lock()
            lock.unlock(withValue: 1)
        }
    }

    /// A name server that does not answer blocks a lookup for many seconds, and SCRAM derives its keys in that pool.
    @Test func `a lookup and the thread pool of the process do not wait for one another`() async throws {
        let gate = Gate()
        for _ in 0..<NIOSingletons.blockingPoolThreadCountSuggestion {
            NIOThreadPool.singleton.submit { _ in gate.wait() }
        }
        let answer = try await withThrowingTaskGroup(of: [String]?.self) { tasks in
            tasks.addTask { try await Self.lookUp("127.0.0.1") }
            tasks.addTask {
                // Only a lookup that waits for these threads is still there then.
                if (try? await Task.sleep(for: .seconds(30))) != nil {
                    gate.hadToOpenEarly.store(true, ordering: .relaxed)
                }
                gate.open()
                return nil
            }
            var answer: [String]?
            while let result = try await tasks.next() {
                answer = answer ?? result
                tasks.cancelAll()
            }
            return answer
        }
        #expect(answer == ["127.0.0.1"])
        let hadToOpenEarly = gate.hadToOpenEarly.load(ordering: .relaxed)
        #expect(!hadToOpenEarly)
    }
}
