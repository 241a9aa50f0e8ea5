import Memcached
import NIOCore
import Synchronization

/// Sixty-four tasks that write and read until they are told to stop.
///
/// Every key's value is its own name, so a value that is another's is seen.
final class Load: Sendable {
    struct Result: Sendable {
        var reads = 0
        var writes = 0
        var wrongValues = 0
        var readErrors: [MemcachedError] = []
        var writeErrors: [MemcachedError] = []
    }

    private let client: MemcachedClient
    private let keys: [MemcachedKey]
    private let result = Mutex(Result())
    private let isStopped = Atomic<Bool>(false)

    init(_ client: MemcachedClient, keys: [MemcachedKey]) {
        self.client = client
        self.keys = keys
    }

    /// Runs the load while `body` does.
    static func run(
        on client: MemcachedClient,
        keys: [MemcachedKey],
        tasks: Int = 64,
        while body: (Load) async throws -> Void
    ) async throws -> Result {
        let load = Load(client, keys: keys)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks { group.addTask { await load.work(task) } }
            do {
                try await body(load)
            } catch {
                load.isStopped.store(true, ordering: .relaxed)
                throw error
            }
            load.isStopped.store(true, ordering: .relaxed)
            try await group.waitForAll()
            return load.result.withLock { $0 }
        }
    }

    /// How much has been done so far.
    var present: Result { result.withLock { $0 } }

    private func work(_ task: Int) async {
        var step = task
        while !isStopped.load(ordering: .relaxed) {
            step += 1
            let key = keys[step % keys.count]
            let value = ByteBuffer(bytes: key.bytes)
            do throws(MemcachedError) {
                try await client.set(key, to: value)
                result.withLock { $0.writes += 1 }
            } catch {
                result.withLock { $0.writeErrors.append(error) }
            }
            do throws(MemcachedError) {
                let item = try await client.get(key)
                result.withLock { result in
                    result.reads += 1
                    if let item, item.value != value { result.wrongValues += 1 }
                }
            } catch {
                result.withLock { $0.readErrors.append(error) }
            }
            await Task.yield()
        }
    }
}
