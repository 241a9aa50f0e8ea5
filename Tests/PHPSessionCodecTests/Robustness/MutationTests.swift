import PHPSessionCodec
import Testing

/// Random changes to captured sessions: whatever comes in, a value or a typed error comes out.
@Suite struct MutationTests {
    /// A generator whose seed a failing test prints.
    struct Seeded: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        // SplitMix64 (Steele, Lea, Flood 2014).
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let fragments: [[UInt8]] =
        [
            "i:0;", "R:1;", "R:2;", "r:1;", "a:1:{", "}", ";", "|", "a|", "O:8:\"stdClass\":1:{", "s:1:\"a\";", "9",
            "-", "N;",
        ]
        .map { Array($0.utf8) }
        + [
            [0], [1, 0], [0x14, 1], [0x25], [0x22, 1], [0x0e, 0], [0xc0, 1], [0x82, 0xc0, 2, 0, 2], [0xff], [0x7f],
            [0x80], [0xdf],
        ]

    private static func mutated(_ bytes: [UInt8], _ generator: inout Seeded) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where position < bytes.count: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2: bytes.removeSubrange(position...)
            case 3:
                let length = Int.random(in: 0...min(20, bytes.count - position), using: &generator)
                bytes.insert(contentsOf: bytes[position..<(position + length)], at: position)
            default:
                bytes.insert(contentsOf: fragments.randomElement(using: &generator) ?? [], at: position)
            }
        }
        return bytes
    }

    /// Reads bytes and, where that works, does everything with the session that can be done.
    private static func exercise(_ bytes: [UInt8], _ format: PHPSessionFormat) {
        let result = Result { () throws(PHPSessionCodecError) in try PHPSession(decoding: bytes, format: format) }
        switch result {
        case .failure(let error):
            guard let offset = error.offset, (0...bytes.count).contains(offset) else {
                Issue.record("\(error) without a place in the input")
                return
            }
        case .success(var session):
            #expect((try? session.encoded()) == bytes)
            let limits = PHPSessionLimits(maximumBytes: 1 << 16, maximumValues: 10_000)
            if let tree = try? session.root.typedJSON(limits: limits) {
                let again = try? PHPValue(typedJSON: tree.utf8, content: .unsafeObjects)
                if let again { #expect((try? again.typedJSON()) == tree, "\(bytes)") }
            }
            _ = try? session.root.plainJSON(limits: limits)
            for other in PHPSessionFormat.allCases {
                guard let written = try? session.encoded(as: other), other != format else { continue }
                #expect(throws: Never.self) { try PHPSession(decoding: written, format: other) }
            }
            let before = session.root
            session["new"] = 1
            if let changed = try? session.encoded(), let read = try? PHPSession(decoding: changed, format: format) {
                var expected = before
                guard expected.array != nil, (try? expected.set(1, at: "new")) != nil else { return }
                #expect(read.root == expected || format == .msgpack, "\(bytes)")
            }
        }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `twenty thousand changed sessions crash nothing`(format: PHPSessionFormat) throws {
        let stored = try SessionRow.stored([format]).map(\.bytes)
        let bad = try BadRow.all().filter { $0.handler == format.rawValue }.map(\.bytes)
        let corpus = (stored + bad).filter { $0.count < 2_000 }
        var generator = Seeded(seed: Seed.taken(for: "changes to \(format.rawValue)"))
        for _ in 0..<20_000 {
            guard let base = corpus.randomElement(using: &generator) else { return }
            Self.exercise(Self.mutated(base, &generator), format)
        }
    }
}
