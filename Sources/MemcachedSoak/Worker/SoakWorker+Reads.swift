import Memcached

extension SoakWorker {
    mutating func get() async {
        guard let key = key(counter: chance(0.2), writing: false) else { return }
        let result = await attempt("GET") { [client] timeout throws(MemcachedError) in
            try await client.get(key.name, timeout: timeout)
        }
        if case .success(let item) = result { observe(key, item, by: "GET") }
    }

    mutating func getAndTouch() async {
        guard let key = key(counter: chance(0.2), writing: false) else { return }
        let result = await attempt("GAT") { [client] timeout throws(MemcachedError) in
            try await client.getAndTouch(key.name, expiring: Self.far, timeout: timeout)
        }
        if case .success(let item) = result { observe(key, item, by: "GAT") }
    }

    mutating func touch() async {
        guard let key = key(counter: chance(0.2), writing: false) else { return }
        let result = await attempt("TOUCH") { [client] timeout throws(MemcachedError) in
            try await client.touch(key.name, expiring: Self.far, timeout: timeout)
        }
        if case .success(let isThere) = result { observe(key, isThere: isThere, by: "TOUCH") }
    }

    mutating func getMany() async {
        let keys = someKeys(writing: false)
        let result = await attempt("GETQ", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.get(keys.map(\.name) + keys.prefix(2).map(\.name), timeout: timeout)
        }
        if case .success(let items) = result { observe(keys, items, by: "GETQ") }
    }

    mutating func getAndTouchMany() async {
        let keys = someKeys(writing: false)
        let result = await attempt("GATQ", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.getAndTouch(keys.map(\.name), expiring: Self.far, timeout: timeout)
        }
        if case .success(let items) = result { observe(keys, items, by: "GATQ") }
    }

    /// Reads a sequence of items, to its end or up to some item.
    mutating func readSequence() async {
        let keys = someKeys(writing: false)
        let wanted = chance(0.3) ? 2 : Int.max
        let servers = client.servers.count
        let result = await attempt("items", keys: keys.count, windows: servers) {
            [client] timeout throws(MemcachedError) in
            var items: [MemcachedKey: MemcachedItem] = [:]
            for try await (key, item) in try client.items(for: keys.map(\.name), timeout: timeout) {
                items[key] = item
                if items.count == wanted { break }
            }
            return items
        }
        guard case .success(let items) = result else { return }
        if items.count < wanted {
            observe(keys, items, by: "items")
        } else {
            observe(keys.filter { items[$0.name] != nil }, items, by: "items")
        }
    }

    private mutating func observe(_ keys: [SoakKey], _ items: [MemcachedKey: MemcachedItem], by name: String) {
        for key in keys { observe(key, items[key.name], by: name) }
        let names = Set(keys.map(\.name))
        if items.keys.contains(where: { !names.contains($0) }) {
            ledger.wrong("\(name) gave a key that nobody asked for")
        }
    }

    /// Reads another worker's key: whatever is there has to belong to it.
    mutating func readForeign() async {
        guard let key = foreignKeys.randomElement(using: &generator) else { return }
        let result = await attempt("GET") { [client] timeout throws(MemcachedError) in
            try await client.get(key.name, timeout: timeout)
        }
        guard case .success(let item?) = result else { return }
        if Content.read(item, of: key) == nil {
            ledger.wrong("key \(key.number): GET by somebody else gave bytes that were never stored there")
        }
    }

    /// Beyond the end of any run.
    static var far: MemcachedExpiration { .after(.seconds(2_000_000)) }
}
