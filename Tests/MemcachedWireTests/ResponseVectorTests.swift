import MemcachedWire
import Testing

/// The captured responses against the scanner.
struct ResponseVectorTests {
    @Test(arguments: try VectorRow.all())
    func `the responses of a row have the statuses of the row`(row: VectorRow) {
        for exchange in row.exchanges {
            var reader = ResponseReader()
            reader.receive(exchange.response)
            expectAll(of: exchange, in: reader)
            #expect(
                reader.headers.reduce(exchange.trailingText.count) { $0 + $1.frameLength } == exchange.response.count
            )
        }
    }

    @Test(arguments: try VectorRow.all())
    func `a response split in two at any byte is the same response`(row: VectorRow) {
        for exchange in row.exchanges {
            for boundary in 0...exchange.response.count {
                var reader = ResponseReader()
                reader.receive(exchange.response[..<boundary])
                reader.receive(exchange.response[boundary...])
                expectAll(of: exchange, in: reader, "split at \(boundary)")
            }
        }
    }

    @Test(arguments: try VectorRow.all())
    func `byte by byte, the scanner says each time how many bytes are missing`(row: VectorRow) {
        for exchange in row.exchanges {
            var reader = ResponseReader()
            var frameStart = 0
            let framesEnd = exchange.response.count - exchange.trailingText.count
            for (index, byte) in exchange.response.enumerated() {
                reader.receive(CollectionOfOne(byte))
                guard index < framesEnd else {
                    let first = exchange.trailingText.first
                    #expect(reader.failure == first.map { FramingError.notBinary(firstByte: $0) })
                    continue
                }
                let frame = exchange.response[frameStart...]
                let received = index + 1 - frameStart
                guard received >= 24 else {
                    #expect(reader.waiting == .incomplete(header: nil, missing: 24 - received))
                    continue
                }
                let frameLength = 24 + Int(number(frame.dropFirst(8).prefix(4)))
                if received < frameLength {
                    guard case .incomplete(let header?, let missing) = reader.waiting else {
                        Issue.record("no header after \(received) bytes of a frame")
                        return
                    }
                    #expect(missing == frameLength - received)
                    #expect(header.encoded().elementsEqual(frame.prefix(24)))
                } else {
                    #expect(reader.rest.isEmpty)
                    frameStart = index + 1
                }
            }
            expectAll(of: exchange, in: reader)
        }
    }

    @Test(arguments: try VectorRow.all())
    func `a reader that fetches just what is missing stops at the end of each frame`(row: VectorRow) throws {
        let scanner = ResponseScanner(maximumBodyBytes: 64 << 20)
        for exchange in row.exchanges {
            var statuses: [Status] = []
            var fetched = 0
            var frameStart = 0
            let framesEnd = exchange.response.count - exchange.trailingText.count
            while frameStart < framesEnd {
                switch try scanner.scan(Array(exchange.response[frameStart..<fetched])) {
                case .incomplete(_, let missing):
                    try #require(missing > 0 && missing <= framesEnd - fetched)
                    fetched += missing
                case .frame(let header):
                    #expect(frameStart + header.frameLength == fetched)
                    statuses.append(header.status)
                    frameStart = fetched
                }
            }
            #expect(statuses == exchange.statuses)
        }
    }

    @Test(arguments: try VectorRow.all())
    func `what follows a frame does not change it`(row: VectorRow) throws {
        let scanner = ResponseScanner(maximumBodyBytes: 64 << 20)
        for exchange in row.exchanges {
            var start = 0
            for _ in exchange.statuses {
                let rest = exchange.response[start...]
                let length = 24 + Int(number(rest.dropFirst(8).prefix(4)))
                let frame = rest.prefix(length)
                let alone = try scanner.scan(Array(frame))
                for following in [[0x00], [0xFF], [0x81], Array("ERROR\r\n".utf8), Array(repeating: 0x81, count: 64)] {
                    #expect(try scanner.scan(frame + following) == alone)
                }
                start += length
            }
        }
    }

    @Test(arguments: try VectorRow.all())
    func `responses echo the opcode and opaque of their requests, in order`(row: VectorRow) {
        for exchange in row.exchanges {
            var reader = ResponseReader()
            reader.receive(exchange.response)
            var requests = RequestFrame.frames(of: exchange.request)[...]
            for header in reader.headers {
                let echo = Echo(opcode: header.opcode, opaque: header.opaque)
                guard let index = requests.firstIndex(where: { $0.echo == echo }) else {
                    Issue.record("\(header.opcode) answers no request that is still open")
                    return
                }
                // Once a request has withheld bytes, only the server knows where it looked for the next one.
                guard requests[index].isComplete else { break }
                // STAT answers more than once.
                requests = header.opcode == .stat ? requests[index...] : requests[(index + 1)...]
            }
        }
    }

    private func expectAll(
        of exchange: Exchange,
        in reader: ResponseReader,
        _ comment: @autoclosure () -> Comment = "whole",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let text = exchange.trailingText
        let isRight =
            reader.headers.lazy.map(\.status).elementsEqual(exchange.statuses)
            && reader.failure == text.first.map { FramingError.notBinary(firstByte: $0) }
            && reader.rest.elementsEqual(text)
        if !isRight {
            Issue.record(
                "\(comment()): \(reader.headers.map(\.status)), then \(reader.rest.count) bytes",
                sourceLocation: sourceLocation
            )
        }
    }
}

/// What a response repeats of its request.
private struct Echo: Hashable {
    var opcode: Opcode
    var opaque: UInt32
}

extension RequestFrame {
    /// Read from the bytes themselves, because a server answers a header whose lengths contradict each other too.
    fileprivate var echo: Echo? {
        guard bytes.count >= 24, bytes.first == RequestHeader.magic, let opcode = bytes.dropFirst().first else {
            return nil
        }
        let opaque = number(bytes.dropFirst(12).prefix(4))
        return Echo(opcode: Opcode(rawValue: opcode), opaque: UInt32(truncatingIfNeeded: opaque))
    }
}
