import MemcachedWire
import Testing

/// The scanner on bytes that nobody meant to send: 100,000 inputs, 5,000 from each seed.
struct ResponseScannerRandomTests {
    /// What the scanner has to say, worked out from the layout of a header alone.
    private func expected(
        _ bytes: [UInt8],
        limit: Int
    ) -> Result<(headerIsThere: Bool, missing: Int), FramingError> {
        guard let first = bytes.first else { return .success((false, 24)) }
        guard first == 0x81 else { return .failure(.notBinary(firstByte: first)) }
        guard bytes.count >= 24 else { return .success((false, 24 - bytes.count)) }
        let keyLength = number(bytes[2..<4])
        let extrasLength = number(bytes[4..<5])
        let bodyLength = number(bytes[8..<12])
        guard keyLength + extrasLength <= bodyLength else {
            return .failure(
                .inconsistentLengths(
                    keyLength: UInt16(keyLength),
                    extrasLength: UInt8(extrasLength),
                    bodyLength: UInt32(bodyLength)
                )
            )
        }
        guard bodyLength <= limit else {
            return .failure(.bodyTooLarge(declared: UInt32(bodyLength), limit: limit))
        }
        return .success((true, max(0, 24 + Int(bodyLength) - bytes.count)))
    }

    /// Says whether the scanner was right.
    private func isScannedRightly(_ bytes: [UInt8], limit: Int) -> Bool {
        let expectation = expected(bytes, limit: limit)
        do throws(FramingError) {
            let scan = try ResponseScanner(maximumBodyBytes: limit).scan(bytes)
            guard case .success(let (headerIsThere, missing)) = expectation else { return false }
            switch scan {
            case .incomplete(nil, let stated):
                return !headerIsThere && stated == missing
            case .incomplete(let header?, let stated):
                return headerIsThere && stated == missing && missing > 0 && header.encoded().elementsEqual(bytes[..<24])
            case .frame(let header):
                return headerIsThere && missing == 0 && header.encoded().elementsEqual(bytes[..<24])
            }
        } catch {
            guard case .failure(error) = expectation else { return false }
            return true
        }
    }

    /// Random bytes, often with the right magic and small lengths, because others are refused at once.
    private func randomInput(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = generator.bytes(Int.random(in: 0...96, using: &generator))
        if !bytes.isEmpty, Bool.random(using: &generator) { bytes[0] = 0x81 }
        if bytes.count >= 12, Bool.random(using: &generator) {
            bytes.replaceSubrange(2..<4, with: [0, UInt8.random(in: 0...40, using: &generator)])
            bytes[4] = UInt8.random(in: 0...24, using: &generator)
            bytes.replaceSubrange(8..<12, with: [0, 0, 0, UInt8.random(in: 0...96, using: &generator)])
        }
        return bytes
    }

    /// A captured response, cut, lengthened, or with some bytes changed.
    private func mutatedInput(_ responses: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = responses.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            case 1:
                bytes += generator.bytes(Int.random(in: 0...40, using: &generator))
            case 2 where bytes.count >= 12:
                // The lengths are what matters most.
                let index = [2, 3, 4, 8, 9, 10, 11].randomElement(using: &generator) ?? 2
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 3 where !bytes.isEmpty:
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] ^= 1 << Int.random(in: 0..<8, using: &generator)
            default:
                bytes = Array(bytes.dropFirst(Int.random(in: 0...min(24, bytes.count), using: &generator)))
            }
        }
        return bytes
    }

    @Test(arguments: UInt64(1)...20)
    func `random and mutated bytes never trap and are always judged rightly`(seed: UInt64) throws {
        let responses = try VectorRow.all().flatMap(\.exchanges).map(\.response).filter { (1...512).contains($0.count) }
        try #require(!responses.isEmpty)
        var generator = SeededGenerator(seed: seed)
        for index in 0..<5000 {
            let bytes = index.isMultiple(of: 2) ? randomInput(&generator) : mutatedInput(responses, &generator)
            let limit = [0, 64, 4096, 64 << 20, .max].randomElement(using: &generator) ?? 0
            if !isScannedRightly(bytes, limit: limit) {
                Issue.record("seed \(seed), input \(index), limit \(limit): \(bytes)")
            }
        }
    }

    @Test(arguments: UInt64(1)...4)
    func `random bytes never trap the reader of request headers`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for index in 0..<5000 {
            var bytes = randomInput(&generator)
            if bytes.first == 0x81 { bytes[0] = 0x80 }
            do throws(FramingError) {
                let header = try RequestHeader(parsing: bytes)
                if header.valueLength < 0 || bytes[0] != 0x80 || bytes.count < 24 {
                    Issue.record("seed \(seed), input \(index) was accepted: \(bytes)")
                }
            } catch {
                switch error {
                case .truncated where bytes.isEmpty || bytes[0] == 0x80 && bytes.count < 24: break
                case .notBinary(firstByte: bytes.first) where bytes.first != 0x80: break
                case .inconsistentLengths where number(bytes[2..<4]) + number(bytes[4..<5]) > number(bytes[8..<12]):
                    break
                default:
                    Issue.record("seed \(seed), input \(index), \(error): \(bytes)")
                }
            }
        }
    }
}
