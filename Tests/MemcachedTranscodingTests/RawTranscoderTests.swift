import Foundation
import Memcached
import NIOCore
import Testing

@Suite struct RawTranscoderTests {
    private let bytes: [UInt8] = [0x00, 0xFF, 0x0A]

    @Test func `bytes are stored as they are, with the flags given`() throws {
        let transcoder = MemcachedRawTranscoder(flags: 7)
        let expected = MemcachedPayload(bytes: ByteBuffer(bytes: bytes), flags: 7)
        #expect(try transcoder.encode(bytes) == expected)
        #expect(try transcoder.encode(Data(bytes)) == expected)
        #expect(try transcoder.encode(ByteBuffer(bytes: bytes)) == expected)
        #expect(try transcoder.encode([UInt8]?(bytes)) == expected)
    }

    @Test(arguments: [0, 0x35, UInt32.max])
    func `bytes are read whatever the flags`(flags: UInt32) throws {
        let transcoder: any MemcachedTranscoder = .raw
        let payload = MemcachedPayload(bytes: ByteBuffer(bytes: bytes), flags: flags)
        #expect(try transcoder.value([UInt8].self, of: payload) == bytes)
        #expect(try transcoder.value(Data.self, of: payload) == Data(bytes))
        #expect(try transcoder.value(ByteBuffer.self, of: payload) == ByteBuffer(bytes: bytes))
    }

    @Test func `nothing but bytes is stored or read`() {
        let transcoder = MemcachedRawTranscoder()
        for error in [
            failure { () throws(MemcachedError) in try transcoder.encode("text") },
            failure { () throws(MemcachedError) in try transcoder.encode(5) },
            failure { () throws(MemcachedError) in try transcoder.encode(User.sample) },
            failure { () throws(MemcachedError) in try transcoder.encode([UInt8]?.none) },
        ] {
            #expect(error?.code == .encodingFailed)
            #expect(error?.detail.contains("[UInt8]") == true)
        }
        let refusals = transcoder.refusals(of: MemcachedPayload(bytes: ByteBuffer(string: "5")))
        #expect(refusals.count == 5)
        #expect(refusals.allSatisfy { $0.code == .decodingFailed })
    }
}
