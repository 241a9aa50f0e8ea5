import MemcachedWire
import Testing

/// The scanner at its edges.
struct ResponseScannerTests {
    private func header(bodyLength: UInt32, keyLength: UInt16 = 0, extrasLength: UInt8 = 0) -> [UInt8] {
        ResponseHeader(
            opcode: .get,
            status: .success,
            keyLength: keyLength,
            extrasLength: extrasLength,
            bodyLength: bodyLength
        )
        .encoded()
    }

    @Test func `no bytes are an empty start, not an error`() throws {
        let scanner = ResponseScanner(maximumBodyBytes: 0)
        #expect(try scanner.scan([]) == .incomplete(header: nil, missing: 24))
    }

    @Test(arguments: (0...255).filter { $0 != 0x81 })
    func `a wrong first byte is reported as soon as it is there`(byte: Int) {
        let first = UInt8(byte)
        let scanner = ResponseScanner(maximumBodyBytes: 1024)
        for count in [1, 2, 23, 24, 25, 100] {
            let bytes = [first] + Array(repeating: 0x81, count: count - 1)
            #expect(throws: FramingError.notBinary(firstByte: first)) { try scanner.scan(bytes) }
        }
    }

    @Test(arguments: [0, 1, 23, 24, 4096, 1 << 20])
    func `a body as long as the limit is accepted, and one byte more is refused`(limit: Int) throws {
        let scanner = ResponseScanner(maximumBodyBytes: limit)
        let accepted = header(bodyLength: UInt32(limit)) + Array(repeating: 0x2A, count: limit)
        #expect(try scanner.scan(accepted) == .frame(ResponseHeader(parsing: accepted)))
        // Refused by the header alone: nobody has to send, or store, the body.
        let refused = header(bodyLength: UInt32(limit) + 1)
        #expect(throws: FramingError.bodyTooLarge(declared: UInt32(limit) + 1, limit: limit)) {
            try scanner.scan(refused)
        }
    }

    @Test func `the longest declarable body does not trap`() throws {
        let bytes = header(bodyLength: .max, keyLength: .max, extrasLength: .max) + [1, 2, 3]
        #expect(throws: FramingError.bodyTooLarge(declared: .max, limit: 64 << 20)) {
            try ResponseScanner(maximumBodyBytes: 64 << 20).scan(bytes)
        }
        let parsed = try ResponseHeader(parsing: bytes)
        #expect(
            try ResponseScanner(maximumBodyBytes: .max).scan(bytes)
                == .incomplete(header: parsed, missing: 0xFFFF_FFFF - 3)
        )
        #expect(parsed.frameLength == 0xFFFF_FFFF + 24)
        #expect(parsed.valueLength == 0xFFFF_FFFF - 0xFFFF - 0xFF)
    }

    @Test(arguments: [-1, Int.min])
    func `a negative limit refuses every body and does not trap`(limit: Int) {
        let bytes = header(bodyLength: 0)
        #expect(throws: FramingError.bodyTooLarge(declared: 0, limit: limit)) {
            try ResponseScanner(maximumBodyBytes: limit).scan(bytes)
        }
    }

    @Test(
        arguments: [
            (keyLength: 1, extrasLength: 0, bodyLength: 0),
            (keyLength: 0, extrasLength: 1, bodyLength: 0),
            (keyLength: 3, extrasLength: 4, bodyLength: 6),
            (keyLength: 65_535, extrasLength: 255, bodyLength: 65_789),
        ] as [(UInt16, UInt8, UInt32)]
    )
    func `key and extras longer than the body are refused`(
        keyLength: UInt16,
        extrasLength: UInt8,
        bodyLength: UInt32
    ) throws {
        let scanner = ResponseScanner(maximumBodyBytes: 1 << 20)
        let wrong = header(bodyLength: bodyLength, keyLength: keyLength, extrasLength: extrasLength)
        #expect(
            throws: FramingError.inconsistentLengths(
                keyLength: keyLength,
                extrasLength: extrasLength,
                bodyLength: bodyLength
            )
        ) { try scanner.scan(wrong) }
        // One byte short of a header, nothing can be said yet.
        #expect(try scanner.scan(Array(wrong[..<23])) == .incomplete(header: nil, missing: 1))
        // And a body that just holds both is right.
        let exact = header(bodyLength: bodyLength + 1, keyLength: keyLength, extrasLength: extrasLength)
        #expect(
            try scanner.scan(exact)
                == .incomplete(header: ResponseHeader(parsing: exact), missing: Int(bodyLength) + 1)
        )
    }

    @Test func `two frames in one piece are found one after the other`() {
        var reader = ResponseReader()
        reader.receive(header(bodyLength: 2) + [1, 2] + header(bodyLength: 0) + [0x81])
        #expect(reader.headers.map(\.bodyLength) == [2, 0])
        #expect(reader.waiting == .incomplete(header: nil, missing: 23))
        #expect(reader.rest.elementsEqual([0x81]))
    }
}
