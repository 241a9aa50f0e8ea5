import NIOCore
import Synchronization

/// What all attempts of one request to get a lock share.
final class LockRequest: Sendable {
    let id: SessionID
    /// The request's turn in this process; nil where nobody else can know the id.
    let turn: Turn?
    /// The route it serves, for events.
    let route: String?
    /// The lock's value: random, so that a lock of this request can be told from everybody else's.
    let token: ByteBuffer
    let claim = Mutex(LockClaim())

    init(_ id: SessionID, _ turn: Turn?, route: String?) {
        self.id = id
        self.turn = turn
        self.route = route
        self.token = Self.randomToken()
    }

    /// 128 random bits as 32 hexadecimal digits.
    private static func randomToken() -> ByteBuffer {
        var token = ByteBufferAllocator().buffer(capacity: 32)
        for _ in 0..<2 {
            var word = UInt64.random(in: .min ... .max)
            token.writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { target in
                // There is room for sixteen.
                for index in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: word & 0xF)
                    target[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    word >>= 4
                }
                return 16
            }
        }
        return token
    }
}
