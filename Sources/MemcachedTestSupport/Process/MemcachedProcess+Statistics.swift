import NIOConcurrencyHelpers

extension MemcachedProcess {
    /// What clients have done to a server since it was started, without what the launcher itself does.
    public struct ConnectionCounts: Hashable, Sendable {
        /// How many connections have been accepted.
        public var opened: Int
        /// How many of them are open at this moment.
        public var current: Int
        /// How many authentications were tried, successful or not.
        public var authentications: Int
        /// How many authentications were refused.
        public var refusedAuthentications: Int

        /// Makes counts to compare with.
        /// - Parameters:
        ///   - opened: How many connections were accepted.
        ///   - current: How many of them are open.
        ///   - authentications: How many authentications were tried.
        ///   - refusedAuthentications: How many of them were refused.
        public init(opened: Int = 0, current: Int = 0, authentications: Int = 0, refusedAuthentications: Int = 0) {
            self.opened = opened
            self.current = current
            self.authentications = authentications
            self.refusedAuthentications = refusedAuthentications
        }
    }

    /// Reads the server's statistics, without the client under test.
    ///
    /// They come over one connection that the launcher opens when the server starts and keeps while it runs. The
    /// server counts that connection too, in `total_connections`, `curr_connections` and, with SASL, `auth_cmds`, and
    /// its listening sockets besides; ``connectionCounts()`` gives the numbers without them.
    /// - Parameter group: The group, such as `settings` or `items`; nil for the general one.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/notRunning``,
    ///   ``MemcachedTestSupportError/Code/timeout`` (a suspended server),
    ///   ``MemcachedTestSupportError/Code/connectionClosed`` or ``MemcachedTestSupportError/Code/unexpectedAnswer``.
    /// - Returns: Name and value of each statistic.
    public func stats(_ group: String? = nil) async throws(MemcachedTestSupportError) -> [String: String] {
        try await read(group).statistics
    }

    /// Reads one statistic that is a number.
    /// - Parameters:
    ///   - name: Its name, such as `curr_items`.
    ///   - group: Its group, nil for the general one.
    /// - Throws: What ``stats(_:)`` throws, or an error of code ``MemcachedTestSupportError/Code/unexpectedAnswer`` if
    ///   there is no such number.
    /// - Returns: The number.
    public func stat(_ name: String, group: String? = nil) async throws(MemcachedTestSupportError) -> Int {
        guard let number = try await stats(group)[name].flatMap({ Int($0) }) else {
            throw MemcachedTestSupportError(.unexpectedAnswer, "The server has no numeric statistic \(name).")
        }
        return number
    }

    /// Counts the connections and authentications of everybody but the launcher.
    ///
    /// What the launcher's own connection and the listening sockets add is known from the moment when the server had
    /// become ready and is subtracted.
    /// - Throws: What ``stats(_:)`` throws.
    /// - Returns: The counts since this process was started.
    public func connectionCounts() async throws(MemcachedTestSupportError) -> ConnectionCounts {
        let (now, baseline) = try await read(nil)
        func since(_ name: String) -> Int {
            (now[name].flatMap { Int($0) } ?? 0) - baseline[name]
        }
        return ConnectionCounts(
            opened: since("total_connections"),
            current: since("curr_connections"),
            authentications: since("auth_cmds"),
            refusedAuthentications: since("auth_errors")
        )
    }

    /// Reads statistics together with what to subtract from them.
    private func read(
        _ group: String?
    ) async throws(MemcachedTestSupportError) -> (statistics: [String: String], baseline: ControlConnection.Baseline) {
        let control = try await control()
        do throws(MemcachedTestSupportError) {
            return (try await control.statistics(group), control.baseline)
        } catch {
            // The server may have ended the connection for idleness in the same moment.
            guard error.code == .connectionClosed else { throw error }
            let reopened = try await self.control()
            return (try await reopened.statistics(group), reopened.baseline)
        }
    }

    /// The launcher's connection; a new one if the server has ended the old one, as an idle timeout makes it do.
    private func control() async throws(MemcachedTestSupportError) -> ControlConnection {
        guard let running = state.withLockedValue({ $0.running }), running.child.exit == nil else {
            throw Self.notRunning
        }
        guard running.control.isEnded else { return running.control }
        let user = options.sasl?.users.first
        let reopened = try await running.control.reopened(at: plainAddress, user: user)
        let isCurrent = state.withLockedValue { state in
            guard state.running?.child === running.child else { return false }
            state.running?.control = reopened
            return true
        }
        guard isCurrent else { throw Self.notRunning }
        return reopened
    }
}
