import Testing

@testable import Memcached

@Suite struct MemcachedBatchTests {
    let batch = MemcachedBatch<Int>(outcomes: [
        "a": .success(1), "b": .failure(MemcachedError(.timeout, "slow")), "c": .success(3),
    ])

    @Test func `failures are by key`() {
        #expect(batch.failures == ["b": MemcachedError(.timeout, "")])
        #expect(MemcachedBatch<Int>(outcomes: ["a": .success(1)]).failures.isEmpty)
    }

    @Test func `values are there when all were answered`() throws {
        let error = #expect(throws: MemcachedError.self) { try batch.get() }
        #expect(error?.code == .timeout)
        #expect(try MemcachedBatch<Int>(outcomes: ["a": .success(1), "c": .success(3)]).get() == ["a": 1, "c": 3])
        #expect(try MemcachedBatch<Int>(outcomes: [:]).get().isEmpty)
    }

    @Test func `an outcome is found by its key`() throws {
        #expect(try batch["a"]?.get() == 1)
        #expect(throws: MemcachedError(.timeout, "")) { try batch["b"]?.get() }
        #expect(batch["d"] == nil)
    }
}
