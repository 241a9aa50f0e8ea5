import Testing

@testable import MemcachedTestSupport

/// What a comparison with a real server cannot show without waiting: time and memory.
///
/// The rest is compared, see `RealServerComparisonTests`.
@Suite struct MemoryStoreTests {
    private let key = Array("k".utf8)

    private func set(_ store: inout MemoryStore, expiration: UInt32, now: Int64, key: String = "k") -> UInt16? {
        let request = RawFrame(
            opcode: 1,
            extras: UInt32(0).bigEndianBytes + expiration.bigEndianBytes,
            key: Array(key.utf8),
            value: [1]
        )
        return store.perform(.set, isQuiet: false, request, now: now).first?.status
    }

    @Test(arguments: [
        (UInt32(0), Int64.max), (1, 1_001), (60, 1_060), (2_592_000, 2_593_000), (2_592_001, 2_592_001),
        (.max, 4_294_967_295),
    ])
    func `an item is there until the second in which it expires`(expiration: UInt32, end: Int64) {
        var store = MemoryStore()
        #expect(set(&store, expiration: expiration, now: 1_000) == 0)
        #expect(store.item(key, now: 1_000) != nil)
        #expect(store.item(key, now: end - 1) != nil)
        guard end != .max else { return }
        #expect(store.item(key, now: end) == nil)
        #expect(store.count == 0)
        #expect(store.memory == 0)
    }

    @Test func `an instant in the past is stored and gone at once`() {
        var store = MemoryStore()
        #expect(set(&store, expiration: 3_000_000, now: 4_000_000) == 0)
        #expect(store.item(key, now: 4_000_000) == nil)
    }

    @Test func `touch and get-and-touch move the expiration, append and increment keep it`() {
        var store = MemoryStore()
        _ = set(&store, expiration: 10, now: 0)
        let touch = RawFrame(opcode: 0x1c, extras: UInt32(100).bigEndianBytes, key: key)
        _ = store.perform(.touch, isQuiet: false, touch, now: 5)
        #expect(store.item(key, now: 104)?.expires == 105)
        _ = store.perform(.getAndTouch, isQuiet: false, touch, now: 50)
        #expect(store.item(key, now: 50)?.expires == 150)
        let append = RawFrame(opcode: 0x0e, key: key, value: [2])
        _ = store.perform(.append, isQuiet: false, append, now: 60)
        #expect(store.item(key, now: 60)?.expires == 150)
        #expect(store.item(key, now: 60)?.value == [1, 2])
        let never = RawFrame(opcode: 0x1c, extras: UInt32(0).bigEndianBytes, key: key)
        _ = store.perform(.touch, isQuiet: false, never, now: 70)
        #expect(store.item(key, now: .max) != nil)
    }

    @Test func `a delayed flush takes what was stored before its time and nothing later`() {
        var store = MemoryStore()
        _ = set(&store, expiration: 0, now: 100, key: "before")
        let flush = RawFrame(opcode: 8, extras: UInt32(10).bigEndianBytes)
        #expect(store.perform(.flush, isQuiet: false, flush, now: 100).map(\.status) == [0])
        _ = set(&store, expiration: 0, now: 105, key: "between")
        #expect(store.item(Array("before".utf8), now: 109) != nil)
        #expect(store.item(Array("between".utf8), now: 109) != nil)
        _ = set(&store, expiration: 0, now: 110, key: "after")
        #expect(store.item(Array("before".utf8), now: 110) == nil)
        #expect(store.item(Array("between".utf8), now: 110) == nil)
        #expect(store.item(Array("after".utf8), now: 200) != nil)
        #expect(store.count == 1)
    }

    @Test func `a full memory refuses, SET loses the old item and replacing in place fits`() {
        let size = MemoryStore.size(key: 1, value: 1, flags: 0)
        var store = MemoryStore(MemoryStore.Limits(memory: 2 * size))
        #expect(set(&store, expiration: 0, now: 0, key: "a") == 0)
        #expect(set(&store, expiration: 0, now: 0, key: "b") == 0)
        #expect(set(&store, expiration: 0, now: 0, key: "a") == 0)
        #expect(set(&store, expiration: 0, now: 0, key: "c") == 0x82)
        #expect(store.memory == 2 * size)
        let append = RawFrame(opcode: 0x0e, key: Array("a".utf8), value: [2])
        #expect(store.perform(.append, isQuiet: true, append, now: 0).map(\.status) == [0x82])
        #expect(store.item(Array("a".utf8), now: 0)?.value == [1])
        let large = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: Array("a".utf8), value: [2, 2])
        #expect(store.perform(.set, isQuiet: true, large, now: 0).map(\.status) == [0x82])
        #expect(store.item(Array("a".utf8), now: 0) == nil)
        #expect(store.memory == size)
    }

    @Test func `commands of the session are none of the store`() {
        var store = MemoryStore()
        for command in [ServerCommand.quit, .listMechanisms, .authenticate, .step] {
            #expect(store.perform(command, isQuiet: false, RawFrame(opcode: 0), now: 0).map(\.status) == [0x81])
        }
    }

    @Test(arguments: [
        ("5", 5), (" \t5", 5), ("+5", 5), ("5 ", 5), ("5\n", 5), ("5\0x", 5), ("007", 7), ("-0", 0),
        ("18446744073709551615", UInt64.max), ("-18446744073709551615", 1),
    ])
    func `numbers are read as strtoull reads them`(text: String, value: UInt64) {
        #expect(CounterText.value(of: Array(text.utf8)) == value)
    }

    @Test(arguments: ["", " ", "+", "-", "abc", "5x", "0x10", "-1", "--5", "18446744073709551616", "5.0"])
    func `what is no number is refused`(text: String) {
        #expect(CounterText.value(of: Array(text.utf8)) == nil)
    }
}
