import Testing

@testable import Memcached

@Suite struct KeySetTests {
    @Test func `a key is new once, whatever it was made of`() {
        var keys: [MemcachedKey] = []
        var set = KeySet(capacity: 6)
        for (key, isNew) in [
            ("a", true), (MemcachedKey(bytes: [0x61]), false), ("b", true), ("", true), ("a", false), ("ab", true),
        ] as [(MemcachedKey, Bool)] {
            let wasNew = set.insert(key, at: keys.count, of: keys)
            #expect(wasNew == isNew)
            if isNew { keys.append(key) }
        }
    }

    /// As many as there may be, so that the table is as full as it gets, and each twice.
    @Test(arguments: [0, 1, 8, 9, 100, 5_000])
    func `all keys of a batch are told apart`(count: Int) {
        let keys = (0..<count).map { MemcachedKey("key:" + String(repeating: "x", count: $0 % 40) + String($0)) }
        var seen: [MemcachedKey] = []
        var set = KeySet(capacity: count)
        for key in keys {
            let isNew = set.insert(key, at: seen.count, of: seen)
            #expect(isNew)
            seen.append(key)
        }
        for key in keys {
            let isNew = set.insert(MemcachedKey(bytes: key.bytes), at: seen.count, of: seen)
            #expect(!isNew)
        }
    }
}
