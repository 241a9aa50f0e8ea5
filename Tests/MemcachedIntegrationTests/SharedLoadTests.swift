import Memcached
import MemcachedTestSupport
import Synchronization
import Testing

/// Loads that concurrent callers of a key share, against a real memcached.
///
/// All callers are on one actor, so that each of them waits for the load by the time another one has its turn there; and
/// no load ends before all wait for it.
@MainActor @Suite struct SharedLoadTests {
    /// What the callers of a key and their load have in common.
    private final class Meeting: Sendable {
        private let callers = Atomic<Int>(0)
        private let loads = Atomic<Int>(0)
        private let mayEnd = Atomic<Bool>(false)

        /// How many loads have begun.
        var begun: Int { loads.load(ordering: .relaxed) }

        /// A caller that asks for the value of a key.
        @MainActor func call(
            _ client: MemcachedClient,
            _ key: MemcachedKey,
            _ result: Result<Int, any Error>
        ) -> Task<Int, any Error> {
            Task { @MainActor in
                callers.add(1, ordering: .relaxed)
                return try await client.getOrSet(key, as: Int.self) { try await self.load(result) }
            }
        }

        private func load(_ result: Result<Int, any Error>) async throws -> Int {
            loads.add(1, ordering: .relaxed)
            while !mayEnd.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(1)) }
            return try result.get()
        }

        /// Waits until so many callers wait and a load has begun.
        @MainActor func gather(_ count: Int) async throws {
            try await eventually("the callers wait for a load") {
                callers.load(ordering: .relaxed) == count && begun > 0
            }
        }

        /// Lets loads end, also those that have not begun.
        func end() { mayEnd.store(true, ordering: .relaxed) }
    }

    private struct LoadError: Error {}

    private let meeting = Meeting()

    @Test func `concurrent callers share one load and its value`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            defer { meeting.end() }
            let calls = (0..<100).map { _ in meeting.call(client, "loaded", .success(7)) }
            try await meeting.gather(100)
            meeting.end()
            for call in calls { #expect(try await call.value == 7) }
            #expect(meeting.begun == 1)
            #expect(try await client.get("loaded", as: Int.self) == 7)
            // They shared the read as well.
            #expect(try await server.stat("get_misses") == 1)
        }
    }

    @Test func `a load that fails fails for all who wait and is tried again later`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            defer { meeting.end() }
            let calls = (0..<10).map { _ in meeting.call(client, "failing", .failure(LoadError())) }
            try await meeting.gather(10)
            meeting.end()
            for call in calls { await #expect(throws: LoadError.self) { try await call.value } }
            #expect(meeting.begun == 1)
            #expect(try await client.getOrSet("failing", as: Int.self) { 1 } == 1)
        }
    }

    @Test func `a cancelled caller leaves the load to the others`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            defer { meeting.end() }
            let first = meeting.call(client, "shared", .success(3))
            try await meeting.gather(1)
            let second = meeting.call(client, "shared", .success(4))
            try await meeting.gather(2)
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            meeting.end()
            #expect(try await second.value == 3)
            #expect(meeting.begun == 1)
        }
    }
}
