/// The items of a server in this process, with memcached's rules for storing, CAS, expirations, counters and limits.
///
/// No clock and no I/O: the present is an argument. The rules are those of memcached 1.6.18 and are compared with it in
/// the tests.
struct MemoryStore: Sendable {
    /// What is stored under a key.
    struct Item: Hashable, Sendable {
        var value: [UInt8]
        var flags: UInt32
        var cas: UInt64
        /// The Unix time from which on it is gone; nil for never.
        var expires: Int64?
        /// The Unix time at which it was stored.
        var stored: Int64
    }

    /// What may be stored.
    struct Limits: Hashable, Sendable {
        /// The size of the largest item, key and overhead included.
        var itemSize = 1 << 20
        /// How many bytes of items are held before nothing more is stored (nothing is evicted); nil for no limit.
        var memory: Int?
        /// Whether items have a CAS.
        var hasCAS = true
        /// Whether FLUSH is allowed.
        var allowsFlush = true
        /// What VERSION answers.
        var version = "1.6.18"
    }

    let limits: Limits

    private var items: [[UInt8]: Item] = [:]
    private var lastCAS: UInt64 = 0
    private var usedMemory = 0
    /// When a FLUSH with a delay takes effect.
    private var pendingFlush: Int64?

    /// Numbers that STAT tells in addition to those of the items.
    var counters: [String: Int] = [:]

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The number of items, those included that have expired but have not been asked for since.
    var count: Int { items.count }

    /// The sizes of all items together.
    var memory: Int { usedMemory }

    /// The item under a key, if it is there and has not expired.
    mutating func item(_ key: [UInt8], now: Int64) -> Item? {
        performPendingFlush(now: now)
        guard let item = items[key] else { return nil }
        if let expires = item.expires, expires <= now {
            remove(key)
            return nil
        }
        return item
    }

    /// Puts an item in place with a new CAS, whatever is there.
    /// - Throws: ``ServerRefusal/tooLarge`` or ``ServerRefusal/outOfMemory``; the old item stays.
    /// - Returns: The new CAS.
    @discardableResult
    mutating func put(_ item: Item, _ key: [UInt8], now: Int64) throws(ServerRefusal) -> UInt64 {
        let size = Self.size(key: key.count, value: item.value.count, flags: item.flags)
        guard size <= limits.itemSize else { throw .tooLarge }
        let old = items[key].map { Self.size(key: key.count, value: $0.value.count, flags: $0.flags) } ?? 0
        if let limit = limits.memory, usedMemory - old + size > limit { throw .outOfMemory }
        return place(item, key, now: now)
    }

    /// Puts an item in place with a new CAS, whatever is there and however large it is.
    /// - Returns: The new CAS.
    @discardableResult
    mutating func place(_ item: Item, _ key: [UInt8], now: Int64) -> UInt64 {
        remove(key)
        usedMemory += Self.size(key: key.count, value: item.value.count, flags: item.flags)
        var item = item
        item.cas = nextCAS()
        item.stored = now
        items[key] = item
        counters["total_items", default: 0] += 1
        return item.cas
    }

    /// Changes an item in place; its CAS stays.
    mutating func touch(_ key: [UInt8], expires: Int64?) {
        items[key]?.expires = expires
    }

    /// Removes an item.
    mutating func remove(_ key: [UInt8]) {
        guard let item = items.removeValue(forKey: key) else { return }
        usedMemory -= Self.size(key: key.count, value: item.value.count, flags: item.flags)
    }

    /// Removes all items, now or when the time has come.
    /// - Parameters:
    ///   - delay: What the request says; 0 for now.
    ///   - now: The present.
    mutating func flush(delay: UInt32, now: Int64) {
        if let time = Self.instant(delay, now: now), time > now {
            pendingFlush = time
            return
        }
        pendingFlush = nil
        removeAll()
        // memcached takes a number of its CAS counter to tell older items from later ones.
        _ = nextCAS()
    }

    /// Removes all items at once.
    mutating func removeAll() {
        items = [:]
        usedMemory = 0
    }

    /// The Unix time that an expiration on the wire means.
    ///
    /// 0 is never; up to 30 days are seconds from now; more is a Unix time.
    /// - Parameters:
    ///   - expiration: The unsigned number of the request.
    ///   - now: The present.
    /// - Returns: Nil for never.
    static func instant(_ expiration: UInt32, now: Int64) -> Int64? {
        switch expiration {
        case 0: nil
        case ...2_592_000: now + Int64(expiration)
        default: Int64(expiration)
        }
    }

    /// The size of an item.
    ///
    /// 48 bytes of item head, 8 of CAS, a NUL after the key and a line end after the value, and 4 of flags unless they
    /// are 0: what fits the largest values that memcached took, measured.
    static func size(key: Int, value: Int, flags: UInt32) -> Int {
        48 + 8 + key + 1 + value + 2 + (flags == 0 ? 0 : 4)
    }

    private mutating func nextCAS() -> UInt64 {
        guard limits.hasCAS else { return 0 }
        lastCAS += 1
        return lastCAS
    }

    /// Removes what had been stored before a FLUSH whose delay is over.
    private mutating func performPendingFlush(now: Int64) {
        guard let time = pendingFlush, time <= now else { return }
        pendingFlush = nil
        for (key, item) in items where item.stored < time { remove(key) }
    }
}
