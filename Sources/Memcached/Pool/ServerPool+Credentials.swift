import NIOCore
import Synchronization

/// How connections follow a change of their credentials.
extension ServerPool {
    /// Asks for the credentials anew, and replaces the connections that were made with others.
    ///
    /// - Throws: ``MemcachedError/Code/credentialsUnavailable``, or ``MemcachedError/Code/invalidConfiguration`` when no
    ///   server could accept what the provider gave.
    func rotateCredentials() async throws(MemcachedError) {
        let before = connector.authenticator.generation
        do {
            _ = try await connector.authenticator.credentials(on: timerLoop).get()
        } catch {
            throw error as? MemcachedError
                ?? MemcachedError(.credentialsUnavailable, "the credentials could not be asked for", cause: error)
        }
        if connector.authenticator.generation != before {
            health.credentialsChanged()
            for lane in lanes { lane.machine.withLock { $0.credentialsChanged() } }
        }
        replaceOutdated(now: .now())
    }
}
