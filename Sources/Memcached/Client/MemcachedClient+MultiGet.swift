import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Reads many items at once.
    ///
    /// Each server gets its keys in windows of quiet requests, the next window when the last has been read, so that
    /// neither side has to hold more than a window and others' requests go in between.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is read once.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The items that were found, by key.
    /// - Throws: ``MemcachedError`` when a server could not be read; misses are not errors.
    public func get(
        _ keys: some Sequence<MemcachedKey>,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> [MemcachedKey: MemcachedItem] {
        var shares: [[(key: MemcachedKey, request: Request)]] = Array(repeating: [], count: core.pools.count)
        var seen: Set<MemcachedKey> = []
        for key in keys where seen.insert(key).inserted {
            let request = try core.request(.getQuiet, key)
            // The ring's index is one of a pool.
            shares[core.poolIndex(of: key, routedBy: group)].append((key, request))
        }
        let deadline = core.deadline(timeout)
        let occupied = shares.indices.filter { !shares[$0].isEmpty }
        if occupied.count == 1, let only = occupied.first {
            return try await core.items(shares[only], from: core.pools[only], deadline: deadline).get()
        }
        return try await withTaskGroup(
            of: Result<[MemcachedKey: MemcachedItem], MemcachedError>.self
        ) { [core] tasks in
            for index in occupied {
                let share = shares[index]
                tasks.addTask { await core.items(share, from: core.pools[index], deadline: deadline) }
            }
            var found: [MemcachedKey: MemcachedItem] = [:]
            var failure: MemcachedError?
            for await result in tasks {
                switch result {
                case .success(let items): found.merge(items) { first, _ in first }
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { return Result<[MemcachedKey: MemcachedItem], MemcachedError>.failure(failure) }
            return .success(found)
        }
        .get()
    }
}

extension ClientCore {
    /// Keys in one window of a batch.
    static let windowKeys = 128

    /// Reads one server's share of a multi-get, window by window.
    fileprivate func items(
        _ share: [(key: MemcachedKey, request: Request)],
        from pool: ServerPool,
        deadline: NIODeadline
    ) async -> Result<[MemcachedKey: MemcachedItem], MemcachedError> {
        var found: [MemcachedKey: MemcachedItem] = [:]
        var start = share.startIndex
        while start < share.endIndex {
            let window = share[start..<min(start + Self.windowKeys, share.endIndex)]
            start = window.endIndex
            let requests = window.map(\.request)
            let group = await responses(
                to: requests,
                expecting: .quiet(requests.map(\.opcode)),
                from: pool,
                deadline: deadline
            )
            if let error = group.error { return .failure(error) }
            for (entry, response) in zip(window, group.responses) {
                guard let response else { continue }
                do throws(MemcachedError) {
                    found[entry.key] = try item(response, .getQuiet, pool)
                } catch {
                    return .failure(error)
                }
            }
        }
        return .success(found)
    }
}
