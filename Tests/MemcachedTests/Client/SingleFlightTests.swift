import NIOCore
import Testing

@testable import Memcached

/// Callers that share one piece of work.
///
/// All of it runs on one actor, so that a caller waits by the time the next one begins.
@MainActor @Suite struct SingleFlightTests {
    struct Failure: Error {}

    /// Work that ends when the test says so.
    @MainActor final class Work {
        private(set) var starts = 0
        private(set) var cancellations = 0
        private var release: CheckedContinuation<Void, Never>?

        func run(_ result: Result<Int, Failure>) async throws -> Int {
            starts += 1
            await withTaskCancellationHandler {
                await withCheckedContinuation { release = $0 }
            } onCancel: {
                Task { @MainActor in
                    cancellations += 1
                    finish()
                }
            }
            return try result.get()
        }

        /// Lets the work end once it has begun.
        func finish() {
            release?.resume()
            release = nil
        }

        func finishWhenBegun() async {
            while release == nil { await Task.yield() }
            finish()
        }
    }

    private let flights = SingleFlight<String, Int>()
    private let work = Work()

    private func call(_ key: String = "k", _ result: Result<Int, Failure> = .success(7)) -> Task<Int, any Error> {
        Task { [flights, work] in try await flights.value(for: key) { try await work.run(result) } }
    }

    /// Lets the calls made so far come to wait.
    private func settle() async {
        for _ in 0..<20 { await Task.yield() }
    }

    @Test func `callers of one key share the work and its value`() async throws {
        let calls = (0..<10).map { _ in call() }
        await settle()
        await work.finishWhenBegun()
        for call in calls { #expect(try await call.value == 7) }
        #expect(work.starts == 1)
    }

    @Test func `all get the error`() async {
        let calls = (0..<3).map { _ in call("k", .failure(Failure())) }
        await settle()
        await work.finishWhenBegun()
        for call in calls { await #expect(throws: Failure.self) { try await call.value } }
        #expect(work.starts == 1)
    }

    @Test func `callers of other keys do not share`() async throws {
        let other = Work()
        let first = call("a", .success(1))
        let second = Task { [flights] in try await flights.value(for: "b") { try await other.run(.success(2)) } }
        await work.finishWhenBegun()
        await other.finishWhenBegun()
        #expect(try await first.value == 1)
        #expect(try await second.value == 2)
    }

    @Test func `after the end the next caller starts anew`() async throws {
        let first = call("k", .success(1))
        await work.finishWhenBegun()
        #expect(try await first.value == 1)
        let second = call("k", .success(2))
        await work.finishWhenBegun()
        #expect(try await second.value == 2)
        #expect(work.starts == 2)
    }

    @Test func `a caller that leaves does not take the others with it`() async throws {
        let stays = call()
        let leaves = call()
        await settle()
        leaves.cancel()
        await #expect(throws: CancellationError.self) { try await leaves.value }
        #expect(work.cancellations == 0)
        await work.finishWhenBegun()
        #expect(try await stays.value == 7)
        #expect(work.starts == 1)
    }

    @Test func `the work is cancelled when its last caller leaves`() async {
        let calls = [call(), call()]
        while work.starts == 0 { await Task.yield() }
        await settle()
        for call in calls { call.cancel() }
        for call in calls { await #expect(throws: CancellationError.self) { try await call.value } }
        while work.cancellations == 0 { await Task.yield() }
        #expect(work.cancellations == 1)
    }

    @Test func `a caller that was cancelled before it came gets no value`() async {
        let late = Task { [flights, work] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await flights.value(for: "k") { try await work.run(.success(7)) }
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test(arguments: [TimeAmount.zero, .milliseconds(1)])
    func `a caller waits until its own deadline and leaves the others their work`(patience: TimeAmount) async throws {
        let stays = call()
        await settle()
        await #expect {
            try await flights.value(for: "k", by: .now() + patience) { [work] in try await work.run(.success(8)) }
        } throws: { error in
            (error as? MemcachedError)?.code == .timeout
        }
        await work.finishWhenBegun()
        #expect(try await stays.value == 7)
        #expect(work.starts == 1 && work.cancellations == 0)
    }

    @Test func `the work ends with its only caller's deadline, and a value that comes in time is had`() async throws {
        await #expect {
            try await flights.value(for: "k", by: .now() + .milliseconds(1)) { [work] in
                try await work.run(.success(8))
            }
        } throws: { error in
            (error as? MemcachedError)?.code == .timeout
        }
        while work.cancellations == 0 { await Task.yield() }
        let value = try await flights.value(for: "k", by: .now() + .hours(1)) { 9 }
        #expect(value == 9)
    }

    @Test func `a load is shared by key, group and type`() {
        let load = LoadKey(key: "k", group: nil, type: Int.self)
        #expect(load == LoadKey(key: MemcachedKey(bytes: [0x6B]), group: nil, type: Int.self))
        #expect(load != LoadKey(key: "k", group: nil, type: String.self))
        #expect(load != LoadKey(key: "k", group: "k", type: Int.self))
        #expect(load != LoadKey(key: "j", group: nil, type: Int.self))
    }
}
