import MemcachedWire
import NIOCore

/// The items of many keys, one after the other as they are read.
///
/// The next window of keys is asked for when the last has been taken, so a slow consumer holds a window and no more,
/// and nothing goes on when the loop is left. Misses are left out; the order is not that of the keys.
public struct MemcachedItemSequence: AsyncSequence, Sendable {
    /// A key with its item.
    public typealias Element = (key: MemcachedKey, item: MemcachedItem)
    /// What reading throws.
    public typealias Failure = MemcachedError

    let client: MemcachedClient
    let plan: BatchPlan
    let timeout: Duration?

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(client: client, plan: plan, timeout: timeout)
    }

    /// Reads window by window.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let client: MemcachedClient
        private let timeout: Duration?
        private let group: MemcachedKey?
        private var shares: [(entries: [BatchPlan.Entry], next: Int)]
        private var ready: [Element] = []

        init(client: MemcachedClient, plan: BatchPlan, timeout: Duration?) {
            self.client = client
            self.timeout = timeout
            self.group = plan.group
            self.shares = client.core.shares(of: plan).map { ($0, 0) }
        }

        /// The next item that was found; nil at the end.
        ///
        /// - Returns: A key and its item.
        /// - Throws: ``MemcachedError`` when a server cannot be read. Going on then reads the keys of other servers.
        public mutating func next() async throws(MemcachedError) -> Element? {
            while ready.isEmpty {
                guard var share = shares.first else { return nil }
                shares.removeFirst()
                let end = BatchPlan.endOfWindow(from: share.next, in: share.entries)
                let window = share.entries[share.next..<end]
                // The servers take turns.
                share.next = end
                ready = try await read(window)
                if end < share.entries.endIndex { shares.append(share) }
            }
            return ready.removeLast()
        }

        private func read(_ window: ArraySlice<BatchPlan.Entry>) async throws(MemcachedError) -> [Element] {
            let core = client.core
            var plan = BatchPlan(group: group, entries: Array(window))
            for index in plan.entries.indices { plan.entries[index].position = index }
            let outcomes = await core.batch(plan, .quiet, deadline: core.deadline(timeout)) {
                response,
                opcode,
                pool throws(MemcachedError) in
                guard let response else { return MemcachedItem?.none }
                return try core.item(response, opcode, pool)
            }
            var items: [Element] = []
            for (entry, outcome) in zip(plan.entries, outcomes).reversed() {
                guard let item = try outcome.get() else { continue }
                items.append((entry.key, item))
            }
            return items
        }
    }
}

extension MemcachedClient {
    /// Reads many items and yields each as it arrives.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is read once.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long each window of keys may take; nil for the configured time.
    /// - Returns: The items that are found, read while the sequence is iterated.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key that cannot be sent.
    public func items(
        for keys: some Sequence<MemcachedKey>,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) throws(MemcachedError) -> MemcachedItemSequence {
        let plan = try plan(keys, group) { key throws(MemcachedError) in try core.request(.getQuiet, key) }
        return MemcachedItemSequence(client: self, plan: plan, timeout: timeout)
    }
}
