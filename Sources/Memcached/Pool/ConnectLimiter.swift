package import NIOCore
import Synchronization

/// Spreads attempts to connect, those of all clients of the process together.
///
/// A server that comes back has to deal with everybody at once: with their connections, and with the authentication that
/// each of them begins with, which costs it more.
package final class ConnectLimiter: Sendable {
    /// The one that every client uses: 200 connections at once and 100 a second, with authentication half as many.
    package static let shared = ConnectLimiter(rate: 100, burst: 200)

    private struct Buckets {
        var connections: TokenBucket
        var authentications: TokenBucket
    }

    private let buckets: Mutex<Buckets>

    /// - Parameters:
    ///   - rate: Attempts a second; half as many with authentication.
    ///   - burst: Attempts at once; half as many with authentication.
    package init(rate: Int, burst: Int) {
        self.buckets = Mutex(
            Buckets(
                connections: TokenBucket(rate: rate, burst: burst),
                authentications: TokenBucket(rate: rate / 2, burst: burst / 2)
            )
        )
    }

    /// Takes a turn.
    ///
    /// - Returns: When the attempt may begin.
    package func turn(isAuthenticating: Bool, now: NIODeadline) -> NIODeadline {
        buckets.withLock { buckets in
            let turn = buckets.connections.take(at: now)
            return isAuthenticating ? max(turn, buckets.authentications.take(at: now)) : turn
        }
    }

    /// Gives a turn back: its connection was of use and has been ended by this side.
    ///
    /// Who makes a client for each task that it has is no storm: the server has answered, and has been left.
    func giveBack(isAuthenticating: Bool) {
        buckets.withLock { buckets in
            buckets.connections.putBack()
            if isAuthenticating { buckets.authentications.putBack() }
        }
    }
}
