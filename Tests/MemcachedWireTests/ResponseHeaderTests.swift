import MemcachedWire
import Testing

/// Response headers, written and read.
struct ResponseHeaderTests {
    @Test func `every field stands at its place`() throws {
        let header = ResponseHeader(
            opcode: .getKeyQuiet,
            status: Status(rawValue: 0x0102),
            keyLength: 0x0304,
            extrasLength: 0x05,
            dataType: 0x06,
            bodyLength: 0x0708_090A,
            opaque: 0x0B0C_0D0E,
            cas: 0x0F10_1112_1314_1516
        )
        let bytes = try bytesFromHexadecimal("810d0304050601020708090a0b0c0d0e0f10111213141516")
        #expect(header.encoded() == bytes)
        #expect(try ResponseHeader(parsing: bytes) == header)
        #expect(header.valueLength == 0x0708_090A - 0x0304 - 0x05)
        #expect(header.frameLength == 0x0708_090A + 24)
    }

    @Test(arguments: UInt64(1)...8)
    func `a random header is read back as it was written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for index in 0..<500 {
            let keyLength: UInt16 = generator.next()
            let extrasLength: UInt8 = generator.next()
            let header = ResponseHeader(
                opcode: Opcode(rawValue: generator.next()),
                status: Status(rawValue: generator.next()),
                keyLength: keyLength,
                extrasLength: extrasLength,
                dataType: generator.next(),
                bodyLength: UInt32.random(in: UInt32(keyLength) + UInt32(extrasLength)...(.max), using: &generator),
                opaque: generator.next(),
                cas: generator.next()
            )
            let bytes = header.encoded()
            if try ResponseHeader(parsing: bytes + [0xFF]) != header || bytes.count != 24 {
                Issue.record("seed \(seed), header \(index): \(header)")
            }
        }
    }

    @Test(arguments: 0..<24)
    func `fewer bytes than a header are truncated`(count: Int) {
        let response = ResponseHeader(opcode: .noop, status: .success).encoded()
        #expect(throws: FramingError.truncated) { try ResponseHeader(parsing: Array(response[..<count])) }
        let request = [0x80] + response.dropFirst()
        #expect(throws: FramingError.truncated) { try RequestHeader(parsing: Array(request[..<count])) }
    }

    @Test func `a request is no response, and a response no request`() throws {
        let response = ResponseHeader(opcode: .noop, status: .success).encoded()
        let request = [0x80] + response.dropFirst()
        #expect(throws: FramingError.notBinary(firstByte: 0x80)) { try ResponseHeader(parsing: request) }
        #expect(throws: FramingError.notBinary(firstByte: 0x81)) { try RequestHeader(parsing: response) }
    }
}
