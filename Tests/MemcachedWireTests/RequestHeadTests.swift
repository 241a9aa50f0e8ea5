import MemcachedWire
import Testing

/// Request heads at the edges of their fields.
struct RequestHeadTests {
    static let allExtras: [RequestExtras] = [
        .none, .expiration(0x0102_0304), .delay(0xFFFF_FFFF), .store(flags: 0xDEAD_BEEF, expiration: 0x0A0B_0C0D),
        .counter(delta: 0x0102_0304_0506_0708, initial: .max, expiration: 0xFFFF_FFFF),
    ]

    @Test(
        arguments: [
            (0, 0, true), (250, 1 << 20, true), (65_535, 0, true), (65_536, 0, false), (-1, 0, false), (0, -1, false),
            (.max, 0, false), (0, .max, false), (.min, .min, false), (.max, .max, false),
            (0, 0xFFFF_FFFF, true), (0, 0x1_0000_0000, false), (1, 0xFFFF_FFFF, false), (1, 0xFFFF_FFFE, true),
            (65_535, 0xFFFF_0000, true), (65_535, 0xFFFF_0001, false),
        ] as [(Int, Int, Bool)]
    )
    func `key and value must fit their fields, and the body its own`(
        keyLength: Int,
        valueLength: Int,
        fits: Bool
    ) {
        let head = RequestHead(opcode: .get, keyLength: keyLength, valueLength: valueLength, opaque: 7)
        #expect((head != nil) == fits)
    }

    @Test(arguments: allExtras)
    func `extras count towards the longest body`(extras: RequestExtras) throws {
        let room = 0xFFFF_FFFF - extras.byteCount - 250
        let head = try #require(
            RequestHead(opcode: .set, extras: extras, keyLength: 250, valueLength: room, opaque: 1)
        )
        #expect(number(head.encoded(key: [], value: [])[8..<12]) == 0xFFFF_FFFF)
        #expect(RequestHead(opcode: .set, extras: extras, keyLength: 250, valueLength: room + 1, opaque: 1) == nil)
    }

    @Test(arguments: allExtras)
    func `with too little room nothing is written, and with more only the head`(extras: RequestExtras) throws {
        let head = try #require(
            RequestHead(opcode: .set, extras: extras, keyLength: 3, valueLength: 5, opaque: 0xDEAD_BEEF, cas: 9)
        )
        let canary: UInt8 = 0xA5
        for room in 0...RequestHead.maximumByteCount + 8 {
            // The buffer given is a part of this one; what lies around it must stay as it is.
            var bytes = [UInt8](repeating: canary, count: room + 16)
            let written = bytes.withUnsafeMutableBytes { buffer in
                head.write(into: UnsafeMutableRawBufferPointer(rebasing: buffer[8..<8 + room]))
            }
            #expect(written == (room >= head.byteCount ? head.byteCount : 0))
            let expected = written == 0 ? [] : head.encoded(key: [], value: [])
            #expect(bytes[8..<8 + written].elementsEqual(expected))
            #expect((bytes[..<8] + bytes[(8 + written)...]).allSatisfy { $0 == canary })
        }
        #expect(head.write(into: UnsafeMutableRawBufferPointer(start: nil, count: 0)) == 0)
    }

    @Test func `no head is longer than the maximum, and one is as long`() throws {
        let lengths = try Self.allExtras.map { extras in
            try #require(RequestHead(opcode: .get, extras: extras, keyLength: 1, valueLength: 0, opaque: 0)).byteCount
        }
        #expect(lengths.max() == RequestHead.maximumByteCount)
        #expect(lengths == [24, 28, 28, 32, 44])
    }

    @Test func `every field stands at its place`() throws {
        let head = try #require(
            RequestHead(
                opcode: .incrementQuiet,
                extras: .counter(delta: 0x1112_1314_1516_1718, initial: 0x2122_2324_2526_2728, expiration: 0x3132_3334),
                keyLength: 2,
                valueLength: 3,
                opaque: 0x4142_4344,
                cas: 0x5152_5354_5556_5758
            )
        )
        let bytes = try bytesFromHexadecimal(
            "80 15 0002 14 00 0000 00000019 41424344 5152535455565758".filter { $0 != " " }
                + "1112131415161718 2122232425262728 31323334 6b31 000102".filter { $0 != " " }
        )
        #expect(head.encoded(key: Array("k1".utf8), value: [0, 1, 2]) == bytes)
    }

    private func randomExtras(_ generator: inout SeededGenerator) -> RequestExtras {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: .none
        case 1: .expiration(generator.next())
        case 2: .delay(generator.next())
        case 3: .store(flags: generator.next(), expiration: generator.next())
        default: .counter(delta: generator.next(), initial: generator.next(), expiration: generator.next())
        }
    }

    @Test(arguments: UInt64(1)...8)
    func `a random head is read back as it was written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for index in 0..<500 {
            let head = try #require(
                RequestHead(
                    opcode: Opcode(rawValue: generator.next()),
                    extras: randomExtras(&generator),
                    keyLength: Int.random(in: 0...0xFFFF, using: &generator),
                    valueLength: Int.random(in: 0...0xFFFE_0000, using: &generator),
                    opaque: generator.next(),
                    cas: generator.next()
                )
            )
            let bytes = head.encoded(key: [], value: [])
            let header = try RequestHeader(parsing: bytes)
            let differences = [
                header.opcode != head.opcode, header.keyLength != head.keyLength, header.opaque != head.opaque,
                header.cas != head.cas, header.dataType != 0, header.vbucket != 0,
                Int(header.extrasLength) != head.extras.byteCount, header.valueLength != Int(head.valueLength),
                bytes.dropFirst(24) != head.extras.inNetworkOrder[...],
            ]
            if differences.contains(true) { Issue.record("seed \(seed), head \(index): \(head)") }
        }
    }
}

extension RequestExtras {
    /// The extras as bytes, one field after the other.
    fileprivate var inNetworkOrder: [UInt8] {
        switch self {
        case .none: []
        case .expiration(let word), .delay(let word): networkOrder(word)
        case .store(let flags, let expiration): networkOrder(flags) + networkOrder(expiration)
        case .counter(let delta, let initial, let expiration):
            networkOrder(delta) + networkOrder(initial) + networkOrder(expiration)
        }
    }
}
