/// A listener that counts who connects, to prove that nobody does.
///
/// It closes each connection at once. A test that expects none should end with ``stop()``, which first accepts what is
/// waiting, and then look at ``connectionCount``.
public final class CountingListener: Sendable {
    private let listener: PlainListener

    /// Starts a listener.
    /// - Parameter unixSocket: The path of a unix socket to listen on; nil for a free port of 127.0.0.1.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The listener, which accepts connections.
    public static func start(unixSocket: String? = nil) async throws(MemcachedTestSupportError) -> CountingListener {
        let behaviour = PlainListener.Behaviour(closes: true)
        return CountingListener(try await PlainListener.start(behaviour, unixSocket: unixSocket))
    }

    private init(_ listener: PlainListener) {
        self.listener = listener
    }

    /// Where it listens.
    public var address: TestServerAddress { listener.address }

    /// How many connections it has accepted.
    public var connectionCount: Int { listener.counts.connections }

    /// Accepts what is waiting, then stops listening; dropping the last reference stops it too.
    public func stop() async {
        // Connections are accepted in order: when one of our own has come, all earlier ones have.
        if let probe = try? await RawConnection.connect(to: address) {
            _ = try? await probe.receiveToEnd()
            listener.forgetOne()
        }
        await listener.stop()
    }
}
