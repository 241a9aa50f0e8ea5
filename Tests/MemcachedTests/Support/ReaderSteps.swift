import MemcachedWire
import NIOCore

@testable import Memcached

extension ResponseReader {
    /// The next frame, nil when more bytes are needed.
    mutating func next(isUnwanted: (ResponseHeader) -> Bool) throws(FramingError) -> Frame? {
        var frames: [Frame] = []
        try read(into: &frames, atMost: 1, isUnwanted: isUnwanted)
        return frames.first
    }
}

extension Response {
    /// The response in a frame whose body begins somewhere in a buffer.
    init(header: ResponseHeader, buffer: ByteBuffer, bodyIndex: Int) {
        let flags = header.extrasLength >= 4 ? buffer.getInteger(at: bodyIndex, as: UInt32.self) ?? 0 : 0
        self.init(
            ResponseReader.Frame(header: header, flags: flags, bodyIndex: bodyIndex),
            in: buffer,
            bodyIndex: bodyIndex
        )
    }
}
