import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct RequestTests {
    @Test func `the namespace counts towards the key`() {
        let request = Request(opcode: .get, namespace: "é:", key: "日本")
        #expect(request.keyLength == 9)
        #expect(request.byteCount == 33)
    }

    @Test func `without a key there is no namespace`() {
        let request = Request(opcode: .version, namespace: "app:")
        #expect(request.keyLength == 0)
        #expect(request.byteCount == 24)
    }

    @Test func `extras and value count`() {
        let extras = RequestExtras.store(flags: 0, expiration: 0)
        #expect(
            Request(opcode: .set, extras: extras, key: "k", value: ByteBuffer(string: "value")).byteCount == 24 + 8 + 1
                + 5
        )
    }

    @Test func `only what changes nothing may be sent twice`() {
        let reads: Set<Opcode> = [.get, .getKey, .getQuiet, .getKeyQuiet, .noop, .version, .stat]
        for entry in OpcodeTable.entries {
            #expect(Request(opcode: entry.opcode).isRead == reads.contains(entry.opcode))
        }
    }
}
