import Memcached
import MemcachedSessions
import MemcachedTestSupport

/// The opcodes that sessions use.
enum Opcode {
    static let get: UInt8 = 0x00
    static let set: UInt8 = 0x01
    static let add: UInt8 = 0x02
    static let replace: UInt8 = 0x03
    static let delete: UInt8 = 0x04
    static let getKey: UInt8 = 0x0C
    static let touch: UInt8 = 0x1C
}

extension MemcachedServer {
    /// The server at a test address.
    init(_ address: TestServerAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host, port: UInt16(port))
        case .unixSocket(let path): self = .unix(path)
        }
    }
}

extension MemcachedSessionHandler {
    /// A handler for servers of the tests, with patience for a machine that does much else.
    convenience init(
        _ addresses: TestServerAddress...,
        configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = MemcachedSessionConfiguration(servers: addresses.map(MemcachedServer.init))
        configuration.client.timeouts.operation = .seconds(30)
        configuration.client.timeouts.connect = .seconds(30)
        configure(&configuration)
        try self.init(configuration)
    }

    /// Stores a session as a first visit does.
    func makeSession(count: Int = 0) async throws -> String {
        let outcome = try await withSession(id: nil) { $0["count"] = count }
        guard case .set(let id) = outcome.cookie else {
            throw MemcachedTestSupportError(.unexpectedAnswer, "A first visit set no cookie.")
        }
        return id
    }

    /// One reload of the counter page.
    func reload(_ id: String) async throws -> Int {
        try await withSession(id: id) { session in
            session["count", default: 0] += 1
            return session["count", default: 0]
        }
        .value
    }
}

/// Looks at a server and changes it behind the handler's back, as PHP or anybody else could.
struct Peer {
    static let prefix = "memc.sess.key."

    let connection: RawConnection

    static func connect(
        _ server: MemcachedProcess,
        authenticated user: (name: String, password: String)? = nil
    ) async throws -> Peer {
        let connection = try await RawConnection.connect(to: server.address)
        if let user { _ = try await connection.authenticate(user: user.name, password: user.password) }
        return Peer(connection: connection)
    }

    /// An item under a whole key: its flags and value; nil when there is none.
    func item(_ key: String) async throws -> (flags: [UInt8], value: String)? {
        let answer = try await connection.exchange(RawFrame(opcode: Opcode.get, key: Array(key.utf8)))
        guard answer.status == 0 else { return nil }
        return (answer.extras, String(decoding: answer.value, as: UTF8.self))
    }

    func session(_ id: String) async throws -> String? { try await item(Self.prefix + id)?.value }

    func lock(_ id: String) async throws -> String? { try await item(Self.prefix + "lock." + id)?.value }

    func set(_ key: String, _ value: String) async throws {
        let extras = [UInt8](repeating: 0, count: 8)
        _ = try await connection.exchange(
            RawFrame(opcode: Opcode.set, extras: extras, key: Array(key.utf8), value: Array(value.utf8))
        )
    }

    /// How many seconds an item has left, as the server's text protocol says it; -1 for one without end, nil for none.
    static func timeToLive(_ key: String, on server: MemcachedProcess) async throws -> Int? {
        let connection = try await RawConnection.connect(to: server.address)
        try await connection.send(Array("mg \(key) t\r\n".utf8))
        let line = try await connection.receiveLine()
        return line.hasPrefix("HD t") ? Int(line.dropFirst(4)) : nil
    }

    func delete(_ key: String) async throws {
        _ = try await connection.exchange(RawFrame(opcode: Opcode.delete, key: Array(key.utf8)))
    }
}

/// The session error that `body` throws; nil when it throws nothing or something else.
func sessionError<Value>(_ body: () async throws -> Value) async -> MemcachedSessionError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? MemcachedSessionError
    }
}

/// Whether a handler has connected to its servers and found them safe.
func isWarm(_ handler: MemcachedSessionHandler) async -> Bool {
    await sessionError { try await handler.warmUp() } == nil
}

/// Waits until something is so, asking every few milliseconds.
func eventually(within patience: Duration = .seconds(30), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
