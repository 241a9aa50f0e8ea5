import MemcachedWire
import Testing

/// The captured requests against the encoder.
struct RequestVectorTests {
    @Test(arguments: try VectorRow.all())
    func `every request that the command table allows encodes to the same bytes`(row: VectorRow) throws {
        for stream in row.exchanges.flatMap({ $0.preparation + [$0.request] }) {
            let frames = RequestFrame.frames(of: stream)
            for (index, frame) in frames.enumerated() where frame.fault == nil {
                let head = try #require(frame.head, "request \(index) is allowed, yet its head cannot be described")
                #expect(head.encoded(key: frame.key, value: frame.value).elementsEqual(frame.bytes), "request \(index)")
            }
            if frames.allSatisfy({ $0.fault == nil }) {
                let encoded = frames.compactMap { frame in
                    frame.head.map { $0.encoded(key: frame.key, value: frame.value) }
                }
                #expect(encoded.joined().elementsEqual(stream), "the stream as a whole")
            }
        }
    }

    @Test(arguments: try VectorRow.all())
    func `the encoder holds what the command table refuses, where its fields can`(row: VectorRow) {
        for stream in row.exchanges.map(\.request) {
            for (index, frame) in RequestFrame.frames(of: stream).enumerated() {
                #expect((frame.head != nil) == frame.hasEncodableHead, "request \(index)")
                guard let head = frame.head else { continue }
                // A body that was withheld still has its head; key and value are as much as there was.
                #expect(head.encoded(key: frame.key, value: frame.value).elementsEqual(frame.bytes), "request \(index)")
            }
        }
    }

    @Test(arguments: try VectorRow.all().filter(\.isListed))
    func `a row is expressed or listed with its reason, and never both`(row: VectorRow) {
        let fault = row.exchanges.lazy
            .flatMap { RequestFrame.frames(of: $0.request) }
            .compactMap(\.fault)
            .first
        #expect(MalformedRows.reasons(forRow: row.name) == [fault].compactMap { $0 })
    }

    @Test func `every listed name is the name of a row, once`() throws {
        let rows = Set(try VectorRow.all().filter(\.isListed).map(\.name))
        let listed = MalformedRows.names.values.joined()
        #expect(Set(listed).subtracting(rows).isEmpty)
        #expect(Set(listed).count == listed.count)
        #expect(MalformedRows.names.keys.count == Inexpressible.allCases.count)
    }

    @Test func `the captures are there, and no two listed rows of a kind share a name`() throws {
        for rows in [try VectorRow.wire(), try VectorRow.sasl()].map({ $0.filter(\.isListed) }) {
            #expect(!rows.isEmpty)
            #expect(Set(rows.map(\.name)).count == rows.count)
            #expect(rows.allSatisfy { !$0.exchanges.isEmpty })
        }
    }

    @Test(arguments: try VectorRow.all())
    func `what was sent in preparation is expressed whole`(row: VectorRow) {
        for stream in row.exchanges.flatMap(\.preparation) {
            let frames = RequestFrame.frames(of: stream)
            #expect(!frames.isEmpty && frames.allSatisfy { $0.fault == nil })
        }
    }

    @Test(arguments: try VectorRow.all())
    func `the server refused what the command table refuses`(row: VectorRow) {
        let layoutFaults: [Inexpressible] = [
            .unnamedOpcode, .wrongExtras, .keyMissing, .keyNotAllowed, .keyTooLong, .valueNotAllowed,
        ]
        for exchange in row.exchanges {
            var reader = ResponseReader()
            reader.receive(exchange.response)
            for frame in RequestFrame.frames(of: exchange.request) {
                let answers = reader.headers.filter {
                    $0.opcode == frame.header?.opcode && $0.opaque == frame.header?.opaque
                }
                if let fault = frame.fault, layoutFaults.contains(fault) {
                    let refusals: [Status] = [.invalidArguments, .unknownCommand, .authenticationFailure]
                    #expect(answers.allSatisfy { refusals.contains($0.status) })
                } else if frame.fault == nil, frame.key.count <= 32 || !frame.isSASL {
                    // memcached calls a mechanism name of more than 32 bytes invalid, though not malformed.
                    #expect(answers.allSatisfy { $0.status != .invalidArguments })
                }
            }
        }
    }
}

extension RequestFrame {
    /// Whether the fields of a request head can hold what was sent, sensible or not.
    fileprivate var hasEncodableHead: Bool {
        guard let header, header.dataType == 0, header.vbucket == 0 else { return false }
        let extrasLength = Int(header.extrasLength)
        return [0, 4, 8, 20].contains(extrasLength) && bytes.count >= RequestHeader.byteCount + extrasLength
    }
}
