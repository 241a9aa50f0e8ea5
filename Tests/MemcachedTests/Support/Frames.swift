import MemcachedWire
import NIOCore

@testable import Memcached

extension ResponseHeader {
    /// A response without a body.
    init(_ opcode: Opcode, _ opaque: UInt32, status: Status = .success) {
        self.init(opcode: opcode, status: status, opaque: opaque)
    }

    /// A STAT response; the one without a name and a body is the last.
    static func stat(_ opaque: UInt32, name: UInt16 = 0, value: UInt32 = 0, status: Status = .success) -> Self {
        ResponseHeader(
            opcode: .stat,
            status: status,
            keyLength: name,
            bodyLength: UInt32(name) + value,
            opaque: opaque
        )
    }
}

/// The bytes of a response with a body.
func frame(
    _ opcode: Opcode = .get,
    opaque: UInt32 = 0,
    status: Status = .success,
    extras: [UInt8] = [],
    key: [UInt8] = [],
    value: [UInt8] = []
) -> [UInt8] {
    let header = ResponseHeader(
        opcode: opcode,
        status: status,
        keyLength: UInt16(key.count),
        extrasLength: UInt8(extras.count),
        bodyLength: UInt32(extras.count + key.count + value.count),
        opaque: opaque
    )
    return header.encoded() + extras + key + value
}

/// A request that went out, taken apart again.
struct SentRequest: Equatable {
    var opcode: Opcode
    var opaque: UInt32
    var bytes: [UInt8]

    /// Takes a stream of requests apart.
    ///
    /// - Throws: ``FramingError`` when it is not one whole request after the other.
    static func parse(_ buffers: [ByteBuffer]) throws -> [SentRequest] {
        let stream = buffers.flatMap { Array($0.readableBytesView) }
        var requests: [SentRequest] = []
        var start = 0
        while start < stream.count {
            let header = try RequestHeader(parsing: stream.span.bytes.extracting(start..<stream.count))
            guard start + header.frameLength <= stream.count else { throw FramingError.truncated }
            requests.append(
                SentRequest(
                    opcode: header.opcode,
                    opaque: header.opaque,
                    bytes: Array(stream[start..<start + header.frameLength])
                )
            )
            start += header.frameLength
        }
        return requests
    }
}

extension Request {
    /// The request's bytes, put together in the plain way.
    func encoded(opaque: UInt32) -> [UInt8]? {
        let key = Array(namespace.utf8) + (key?.bytes ?? [])
        let value = value.map { Array($0.readableBytesView) } ?? []
        return RequestHead(
            opcode: opcode,
            extras: extras,
            keyLength: key.count,
            valueLength: value.count,
            opaque: opaque,
            cas: cas
        )?
        .encoded(key: key, value: value)
    }
}
