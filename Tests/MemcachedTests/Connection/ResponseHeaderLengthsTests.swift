import MemcachedWire
import Testing

@testable import Memcached

/// Lengths that would make a value begin at the wrong place.
@Suite struct ResponseHeaderLengthsTests {
    private func fits(
        _ opcode: Opcode,
        extras: UInt8,
        key: UInt16,
        value: UInt32 = 10,
        status: Status = .success
    ) -> Bool {
        ResponseHeader(
            opcode: opcode,
            status: status,
            keyLength: key,
            extrasLength: extras,
            bodyLength: UInt32(extras) + UInt32(key) + value
        )
        .hasFittingLengths
    }

    @Test(arguments: [Opcode.get, .getQuiet, .getAndTouch, .getAndTouchQuiet])
    func `a hit has four bytes of extras and no key`(opcode: Opcode) {
        #expect(fits(opcode, extras: 4, key: 0))
        #expect(fits(opcode, extras: 4, key: 0, value: 0))
        for extras in [UInt8(0), 3, 5, 255] { #expect(!fits(opcode, extras: extras, key: 0)) }
        for key in [UInt16(1), 250] { #expect(!fits(opcode, extras: 4, key: key)) }
    }

    @Test(arguments: [Opcode.getKey, .getKeyQuiet, .getAndTouchKey, .getAndTouchKeyQuiet])
    func `a hit of the K forms has four bytes of extras and a key`(opcode: Opcode) {
        #expect(fits(opcode, extras: 4, key: 1))
        #expect(fits(opcode, extras: 4, key: 250, value: 0))
        for extras in [UInt8(0), 3, 5] { #expect(!fits(opcode, extras: extras, key: 1)) }
        #expect(!fits(opcode, extras: 4, key: 0))
    }

    @Test func `a refusal may have any`() {
        for opcode in [Opcode.get, .getKey] {
            #expect(fits(opcode, extras: 0, key: 0, status: .notFound))
            #expect(fits(opcode, extras: 0, key: 3, value: 0, status: .notFound))
        }
    }

    @Test(arguments: try WireVector.answered())
    func `captured responses have fitting lengths`(vector: WireVector) throws {
        for step in vector.steps {
            var rest = step.response[...]
            while !rest.isEmpty {
                let header = try ResponseHeader(parsing: Array(rest).span.bytes)
                #expect(header.hasFittingLengths)
                rest = rest.dropFirst(header.frameLength)
            }
        }
    }
}
