import NIOConcurrencyHelpers

/// The one connection over which a launcher asks its server whether it is there and what it has counted.
final class ControlConnection: Sendable {
    /// The language that the server speaks with us.
    enum Language: Sendable {
        case binary
        case text
    }

    /// What the server had counted before anybody but the launcher used it.
    struct Baseline: Sendable {
        private var counts: [String: Int]

        init(_ statistics: [String: String]) {
            counts = statistics.compactMapValues { Int($0) }
        }

        /// The count under a name, 0 if there is none.
        subscript(name: String) -> Int {
            counts[name] ?? 0
        }

        /// Adds what the launcher does to replace its connection when that has ended.
        func replacingConnection(language: Language, authenticated: Bool) -> Baseline {
            var copy = self
            // In text the first connection only finds out that the server speaks text.
            copy.counts["total_connections", default: 0] += language == .text ? 2 : 1
            if authenticated { copy.counts["auth_cmds", default: 0] += 1 }
            return copy
        }
    }

    /// The process id that the server states.
    let serverProcess: Int32

    /// What the server had counted when this connection had become ready, this connection included.
    let baseline: Baseline

    private let connection: RawConnection
    private let language: Language

    private init(_ other: ControlConnection, baseline: Baseline) {
        connection = other.connection
        language = other.language
        serverProcess = other.serverProcess
        self.baseline = baseline
    }

    private init(
        _ connection: RawConnection,
        _ language: Language,
        _ statistics: [String: String]
    ) throws(MemcachedTestSupportError) {
        guard let serverProcess = statistics["pid"].flatMap({ Int32($0) }) else {
            throw MemcachedTestSupportError(.unexpectedAnswer, "The server's statistics hold no process id.")
        }
        self.connection = connection
        self.language = language
        baseline = Baseline(statistics)
        self.serverProcess = serverProcess
    }

    /// Connects, exchanges VERSION, authenticates if there is a user, and reads the statistics for the first time.
    ///
    /// A server that answers the binary VERSION with text is spoken to in text, on a second connection.
    /// - Parameters:
    ///   - address: Where the server listens.
    ///   - user: The user to authenticate as.
    /// - Throws: An error of ``MemcachedTestSupportError`` when the server is there and answers wrongly.
    /// - Returns: The connection, nil if nobody listens (yet).
    static func open(
        to address: TestServerAddress,
        user: MemcachedProcess.SASL.User?
    ) async throws(MemcachedTestSupportError) -> ControlConnection? {
        guard let connection = try? await RawConnection.connect(to: address) else { return nil }
        do throws(MemcachedTestSupportError) {
            // The opaque is a newline, on which a server that reads text answers instead of waiting for more.
            try await connection.send(RawFrame(opcode: 0x0b, opaque: 0x0a).bytes)
            let first = try await connection.receive(1)
            guard first == [RawFrame.responseMagic] else {
                await connection.close()
                return try await openText(to: address)
            }
            let lengths = try await connection.receive(11)
            _ = try await connection.receive((RawFrame.announcedLength(first + lengths) ?? 24) - 12)
            if let user {
                let name = user.realm.map { "\(user.name)@\($0)" } ?? user.name
                let status = try await connection.authenticate(user: name, password: user.password)
                guard status == 0 else {
                    let text = "memcached refused the user \(user) that was made for it (status \(status))."
                    throw MemcachedTestSupportError(.serverDidNotStart, text)
                }
            }
            return try await ControlConnection(connection, .binary, connection.statistics())
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func openText(
        to address: TestServerAddress
    ) async throws(MemcachedTestSupportError) -> ControlConnection {
        let connection = try await RawConnection.connect(to: address)
        return try await ControlConnection(connection, .text, connection.textStatistics())
    }

    /// Opens another connection in place of this one.
    /// - Parameters:
    ///   - address: Where the server listens.
    ///   - user: The user to authenticate as.
    /// - Throws: What opening throws, or an error of code `connectionClosed` if nobody listens.
    /// - Returns: The new connection, with the old baseline and what this connection adds to it.
    func reopened(
        at address: TestServerAddress,
        user: MemcachedProcess.SASL.User?
    ) async throws(MemcachedTestSupportError) -> ControlConnection {
        guard let other = try await Self.open(to: address, user: user) else {
            throw MemcachedTestSupportError(.connectionClosed, "The server at \(address) accepts no connection.")
        }
        let baseline = baseline.replacingConnection(language: other.language, authenticated: user != nil)
        return ControlConnection(other, baseline: baseline)
    }

    /// This connection to a process that was started again, with what the launcher has counted for the first one.
    ///
    /// The same options make the same counts. A client that knows the address may reach the new process before the
    /// launcher does, and must not be taken for it.
    func counting(from first: Baseline) -> ControlConnection {
        ControlConnection(self, baseline: first)
    }

    /// Whether the server has ended this connection, for instance because of its idle timeout.
    var isEnded: Bool {
        connection.isEnded
    }

    /// Reads statistics.
    func statistics(_ group: String?) async throws(MemcachedTestSupportError) -> [String: String] {
        switch language {
        case .binary: try await connection.statistics(group)
        case .text: try await connection.textStatistics(group)
        }
    }

    /// Closes the connection.
    func close() async {
        await connection.close()
    }
}
