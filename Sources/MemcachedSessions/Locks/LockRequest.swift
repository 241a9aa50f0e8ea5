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
        let words = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
        self.token = ByteBuffer(string: words.map { String($0, radix: 36) }.joined(separator: "."))
    }
}
