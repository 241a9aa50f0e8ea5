import Benchmark
import MemcachedWire

/// What each operation costs on its way out and back: writing the head of a request, finding a response's end.
func framing() {
    let key = Array("bench:key:000001".utf8)
    Benchmark("encode: head of a GET") { benchmark in
        var room = [UInt8](repeating: 0, count: RequestHead.maximumByteCount)
        for opaque in benchmark.scaledIterations {
            let head = RequestHead(
                opcode: .get,
                keyLength: key.count,
                valueLength: 0,
                opaque: UInt32(truncatingIfNeeded: opaque)
            )
            blackHole(room.withUnsafeMutableBytes { room in head?.write(into: room) })
        }
    }
    Benchmark("encode: head of a SET") { benchmark in
        var room = [UInt8](repeating: 0, count: RequestHead.maximumByteCount)
        for opaque in benchmark.scaledIterations {
            let head = RequestHead(
                opcode: .set,
                extras: .store(flags: 0, expiration: 0),
                keyLength: key.count,
                valueLength: 100,
                opaque: UInt32(truncatingIfNeeded: opaque)
            )
            blackHole(room.withUnsafeMutableBytes { room in head?.write(into: room) })
        }
    }

    let response =
        ResponseHeader(opcode: .get, status: .success, extrasLength: 4, bodyLength: 104).encoded()
        + [UInt8](repeating: 0x61, count: 104)
    let hundred = Array(repeatElement(response, count: 100).joined())
    Benchmark("frame scan: 100 responses in one read") { benchmark in
        let scanner = ResponseScanner(maximumBodyBytes: 64 << 20)
        for _ in benchmark.scaledIterations {
            var offset = 0
            while offset < hundred.count,
                case .frame(let header)? = try? scanner.scan(hundred.span.bytes.extracting(offset...))
            {
                offset += header.frameLength
            }
            guard offset == hundred.count else { return benchmark.error("a frame was not found") }
        }
    }
}
