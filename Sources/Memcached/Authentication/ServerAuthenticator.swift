import Logging
import MemcachedWire
import NIOCore
import NIOPosix
import Synchronization

/// Everything about one server that its connections share when they authenticate: where credentials come from, the keys
/// derived last, and which mechanism may be used.
///
/// Printing one shows no credentials.
final class ServerAuthenticator: Sendable {
    /// Credentials, and the how manieth ones they are.
    struct Grant: Sendable {
        /// Nil for a server without SASL.
        var credentials: MemcachedCredentials?
        /// Grows with each change of the credentials.
        var generation: Int
    }

    private struct State {
        var credentials: MemcachedCredentials?
        /// 0: nobody has been asked yet.
        var generation = 0
    }

    let server: MemcachedServer
    /// What the process remembers the server by: a name may resolve to another address each time.
    private let name: String
    let policy: MemcachedAuthentication
    private let fixed: MemcachedCredentials?
    private let provider: MemcachedCredentialsProvider?
    private let logger: Logger
    private let memory: MechanismMemory
    private let state = Mutex(State())
    private let cache = Mutex(SCRAMKeyCache())

    init(server: MemcachedServer, configuration: MemcachedConfiguration, memory: MechanismMemory = .shared) {
        self.server = server
        self.name = server.asConfigured.label
        self.policy = configuration.authentication
        self.fixed = configuration.credentials
        self.provider = configuration.credentialsProvider
        self.logger = configuration.logger
        self.memory = memory
    }

    /// The how manieth credentials are in use; connections with fewer are to be replaced.
    var generation: Int { state.withLock { $0.generation } }

    // MARK: Credentials

    /// The credentials for a new connection, from the configuration or the provider.
    ///
    /// - Parameter eventLoop: Where the future is fulfilled.
    /// - Returns: The credentials; fails with ``MemcachedError/Code/credentialsUnavailable``, or with
    ///   ``MemcachedError/Code/invalidConfiguration`` when no server could accept them.
    func credentials(on eventLoop: any EventLoop) -> EventLoopFuture<Grant> {
        guard let provider else {
            return eventLoop.makeSucceededFuture(grant(fixed))
        }
        let promise = eventLoop.makePromise(of: Grant.self)
        // Ended by the provider's return; the timer only tells it that nobody waits any more.
        let task = Task { [self, server, policy] in
            do throws(MemcachedError) {
                let credentials = try await Self.ask(provider, for: server)
                try credentials?.validate(for: policy)
                promise.succeed(grant(credentials))
            } catch {
                promise.fail(error)
            }
        }
        let timeout = policy.providerTimeout
        let timer = eventLoop.scheduleTask(in: TimeAmount(clamping: timeout)) {
            task.cancel()
            promise.fail(
                MemcachedError(
                    .credentialsUnavailable,
                    "the credentials provider did not answer within \(timeout) (authentication.providerTimeout)"
                )
            )
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return promise.futureResult
    }

    private static func ask(
        _ provider: MemcachedCredentialsProvider,
        for server: MemcachedServer
    ) async throws(MemcachedError) -> MemcachedCredentials? {
        do {
            return try await provider.credentials(for: server.asConfigured)
        } catch {
            // Its text may hold anything, so only its type is shown; who looks for more finds it as the cause.
            throw MemcachedError(
                .credentialsUnavailable,
                "the credentials provider failed with \(type(of: error))",
                cause: error
            )
        }
    }

    private func grant(_ credentials: MemcachedCredentials?) -> Grant {
        let (generation, isChange) = state.withLock { state in
            let isChange = state.generation > 0 && state.credentials != credentials
            if state.generation == 0 || isChange {
                state.generation += 1
                state.credentials = credentials
            }
            return (state.generation, isChange)
        }
        if isChange {
            cache.withLock { $0.removeAll() }
            logger.info("credentials changed", metadata: metadata)
        }
        return Grant(credentials: credentials, generation: generation)
    }

    // MARK: Mechanism

    /// Chooses among the mechanisms that the server offers on a connection.
    ///
    /// - Parameters:
    ///   - offered: What the server named.
    ///   - isEncrypted: Whether the connection is encrypted.
    ///   - peer: Whom the socket is connected to.
    /// - Returns: The mechanism, or why none may be used.
    func choose(
        among offered: [SASLMechanism],
        isEncrypted: Bool,
        peer: SocketAddress?
    ) -> Result<MemcachedAuthentication.Mechanism, MemcachedError> {
        let isPrivate = peer?.isPrivate(countingLoopback: policy.countsLoopbackAsPrivate) ?? false
        let choice = MechanismChoice(
            policy: policy,
            isEncrypted: isEncrypted,
            isPrivate: isPrivate,
            hasOfferedSCRAM: memory.hasOfferedSCRAM(name)
        )
        if MechanismChoice.offersSCRAM(offered) { memory.noteSCRAM(at: name) }
        let result = Result { () throws(MemcachedError) in try choice.mechanism(among: offered) }
        if case .success(.plain) = result, !isEncrypted, !isPrivate, memory.isFirstPlain(at: name) {
            logger.warning(
                "the password goes over the network in clear text (SASL PLAIN without TLS)",
                metadata: metadata
            )
        }
        return result
    }

    // MARK: SCRAM

    /// The keys of an exchange, derived on a thread of their own or remembered.
    func keys(for derivation: SCRAMDerivation, on eventLoop: any EventLoop) -> EventLoopFuture<SCRAMKeys> {
        if let keys = cache.withLock({ $0[derivation] }) { return eventLoop.makeSucceededFuture(keys) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [self] in
            let keys = SCRAMKeys(derivation)
            cache.withLock { $0.insert(keys, for: derivation) }
            return keys
        }
    }

    private var metadata: Logger.Metadata { ["server": "\(server.label)"] }
}

extension ServerAuthenticator: CustomStringConvertible, CustomReflectable {
    var description: String { "ServerAuthenticator(\(server.label))" }
    var customMirror: Mirror { Mirror(self, children: ["server": server]) }
}

extension SocketAddress {
    /// Whether what is sent there does not leave this machine.
    ///
    /// - Parameter countingLoopback: Whether loopback addresses are private; unix sockets are.
    /// - Returns: Whether nobody on the network can listen.
    func isPrivate(countingLoopback: Bool) -> Bool {
        switch self {
        case .unixDomainSocket:
            return true
        case .v4, .v6:
            guard countingLoopback, let text = ipAddress else { return false }
            return text == "::1" || text.hasPrefix("127.") || text.hasPrefix("::ffff:127.")
        }
    }
}
