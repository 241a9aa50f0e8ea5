import NIOCore
import Testing

@testable import Memcached

@Suite struct MemcachedCASTests {
    @Test func `0 is no CAS, everything else is`() {
        #expect(MemcachedCAS(rawValue: 0) == nil)
        for number in [UInt64(1), 0x8000_0000_0000_0000, .max] {
            #expect(MemcachedCAS(rawValue: number)?.rawValue == number)
        }
    }

    @Test func `a CAS is equal to its number's`() {
        #expect(MemcachedCAS(rawValue: 5) == MemcachedCAS(rawValue: 5))
        #expect(MemcachedCAS(rawValue: 5) != MemcachedCAS(rawValue: 6))
    }
}

@Suite struct MemcachedItemTests {
    @Test func `an item gives its bytes and its text`() {
        let item = MemcachedItem(value: ByteBuffer(string: "grün"), flags: 7)
        #expect(item.bytes == Array("grün".utf8))
        #expect(item.text == "grün")
        #expect(item.cas == nil)
    }

    @Test func `bytes that are not text are shown as replacement characters`() {
        #expect(MemcachedItem(value: ByteBuffer(bytes: [0x41, 0xFF])).text == "A\u{FFFD}")
    }

    @Test func `an empty value is a value`() {
        #expect(MemcachedItem(value: ByteBuffer()).bytes.isEmpty)
        #expect(MemcachedItem(value: ByteBuffer()).text.isEmpty)
    }

    @Test func `items are equal when value, flags and CAS are`() {
        let item = MemcachedItem(value: ByteBuffer(string: "a"), flags: 1, cas: MemcachedCAS(rawValue: 1))
        var other = item
        #expect(item == other)
        other.flags = 2
        #expect(item != other)
        other = item
        other.cas = nil
        #expect(item != other)
        other = item
        other.value = ByteBuffer(string: "b")
        #expect(item != other)
    }

    @Test func `a result tells whether and with what CAS it was stored`() {
        let cas = MemcachedCAS(rawValue: 3)
        #expect(MemcachedStoreResult.stored(cas).isStored)
        #expect(MemcachedStoreResult.stored(cas).cas == cas)
        #expect(MemcachedStoreResult.stored(nil).isStored)
        for result in [MemcachedStoreResult.exists, .notFound, .notStored] {
            #expect(!result.isStored)
            #expect(result.cas == nil)
        }
    }
}
