import MemcachedWire
import NIOCore

/// The items of many keys, each as soon as it has arrived.
///
/// The next window of keys is asked for when the last has been taken, so a slow consumer holds a window and no more,
/// and nothing goes on when the loop is left. Misses are left out; the order is that in which servers answer.
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
        private let plan: BatchPlan
        private var shares: [(positions: [Int], next: Int)]
        private var window: ItemWindow?

        init(client: MemcachedClient, plan: BatchPlan, timeout: Duration?) {
            self.client = client
            self.timeout = timeout
            self.plan = plan
            self.shares = client.core.shares(of: plan).map { ($0, 0) }
        }

        /// The next item that was found; nil at the end.
        ///
        /// - Returns: A key and its item.
        /// - Throws: ``MemcachedError`` when a server cannot be read. Going on then reads the keys of other servers.
        public mutating func next() async throws(MemcachedError) -> Element? {
            while true {
                guard let window = window ?? nextWindow() else { return nil }
                self.window = window
                switch window.take() {
                case .element(let element): return element
                case .nothing: await window.wait()
                case .end: self.window = nil
                case .failure(let error):
                    self.window = nil
                    throw error
                }
            }
        }

        /// Asks for the next window; the servers take turns.
        private mutating func nextWindow() -> ItemWindow? {
            guard var share = shares.first else { return nil }
            shares.removeFirst()
            let end = plan.endOfWindow(from: share.next, in: share.positions)
            let window = plan.reading(share.positions[share.next..<end])
            share.next = end
            if end < share.positions.endIndex { shares.append(share) }
            return ItemWindow(window, client.core, deadline: client.core.deadline(timeout))
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
        MemcachedItemSequence(client: self, plan: try core.plan(.getQuiet, keys, group), timeout: timeout)
    }
}
