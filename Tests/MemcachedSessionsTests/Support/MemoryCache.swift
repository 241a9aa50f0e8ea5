import Memcached
import NIOCore
import Synchronization

@testable import MemcachedSessions

/// A memcached in memory that carries out commands as a real one does, or fails as a test says.
final class MemoryCache: CommandSender {
    /// What happens to a command instead of being carried out and answered.
    enum Fault: Sendable {
        /// It is not carried out.
        case fail(MemcachedError)
        /// It is carried out and its answer lost.
        case loseAnswer
        /// It is carried out, and answered after its caller has stopped waiting: with ``MemoryCache/deliverLate()``.
        case answerLate
        /// A read finds nothing, whatever is there.
        case answerMiss
        /// It is carried out and its caller told something else.
        case answer(MemcachedError)
        /// It is carried out when ``MemoryCache/deliverLate()`` is called, and answered then; its caller has stopped waiting.
        case carryOutLate
        /// It is carried out, and answered when the gate opens, with an error if there is one.
        case hold(Gate, failing: MemcachedError? = nil)
        /// It is carried out and not answered; the gate opens when its caller is cancelled.
        case hang(Gate)
        /// Something else happens first, then it is carried out.
        case before(@Sendable (MemoryCache) -> Void)
    }

    /// What the server does not do as memcached does.
    enum Defect: Sendable {
        case deleteIgnoresCAS
        case replaceIgnoresCAS
        case noTouch
        /// An ADD gives no CAS, everything else does.
        case addGivesNoCAS
    }

    struct Stored: Sendable {
        var value: ByteBuffer
        var flags: UInt32
        var cas: UInt64
        var expiration: MemcachedExpiration
        var storedAt: SessionTime.Instant
    }

    private struct State: Sendable {
        var items: [String: Stored] = [:]
        var nextCAS: UInt64 = 1
        var log: [String] = []
        var faults: [(prefix: String, fault: Fault)] = []
        var probes = 0
        var late: [@Sendable () -> Void] = []
        var flights: [Int] = []
        var revocationReads = 0
        /// How often the list of servers has changed.
        var list = 0
        /// What the command that is being carried out has to wait for.
        var gate: Gate?
    }

    /// Whether one server holds all keys, so that flights are possible.
    let isSingleServer: Bool
    /// Whether items have a CAS.
    let keepsCAS: Bool
    let defect: Defect?
    private let time: ManualTime
    private let state = Mutex(State())

    init(
        _ time: ManualTime = ManualTime(),
        isSingleServer: Bool = true,
        keepsCAS: Bool = true,
        defect: Defect? = nil
    ) {
        self.time = time
        self.defect = defect
        self.isSingleServer = isSingleServer
        self.keepsCAS = keepsCAS
    }

    // MARK: What tests do and see

    /// Everything that was asked but reads of revocations: `ADD lock.…`, `GETK …`, with a label in place of each id.
    var log: [String] { state.withLock { $0.log } }
    /// How often it was asked whether a session is revoked, which the log leaves out.
    var revocationReads: Int { state.withLock { $0.revocationReads } }
    /// How often servers were probed, which the log leaves out.
    var probes: Int { state.withLock { $0.probes } }
    /// How many commands each flight held.
    var flights: [Int] { state.withLock { $0.flights } }
    var items: [String: Stored] { state.withLock { $0.items } }
    var lockCount: Int { items.keys.count { $0.hasPrefix("lock.") } }

    func clearLog() {
        state.withLock { state in
            state.log = []
            state.flights = []
        }
    }

    func text(_ key: String) -> String? { items[key].map { String(buffer: $0.value) } }

    /// Stores something as another client would.
    func put(_ key: String, _ value: String, expiring expiration: MemcachedExpiration = .never) {
        state.withLock { _ = store(key, ByteBuffer(string: value), 0, expiration, &$0) }
    }

    func putBytes(_ key: String, _ value: ByteBuffer) {
        state.withLock { _ = store(key, value, 0, .never, &$0) }
    }

    func remove(_ key: String) {
        state.withLock { $0.items[key] = nil }
    }

    /// Has a fault happen to the next command whose log line begins so.
    func inject(_ prefix: String, _ fault: Fault, times: Int = 1) {
        state.withLock { state in
            for _ in 0..<times { state.faults.append((prefix, fault)) }
        }
    }

    /// Puts others in the place of the servers, which hold the same.
    func changeServers() {
        state.withLock { $0.list += 1 }
    }

    /// Drops the answers that have not come: each holds on to its caller.
    func forgetLateAnswers() {
        // Released without the lock.
        let late = state.withLock { state in
            defer { state.late = [] }
            return state.late
        }
        withExtendedLifetime(late) {}
    }

    /// Lets answers arrive whose callers have stopped waiting.
    func deliverLate() {
        let late = state.withLock { state in
            defer { state.late = [] }
            return state.late
        }
        for answer in late { answer() }
    }

    // MARK: CommandSender

    func perform(
        _ command: MemcachedCommand,
        timeout: Duration?,
        late: MemcachedClient.LateReply?
    ) async throws(MemcachedError) -> MemcachedReply {
        if Task.isCancelled { throw MemcachedError(.cancelled, "cancelled before sending") }
        let reply = carryOut(command, 0, late)
        if let gate = state.withLock({ state in state.gate.take() }) {
            let isHanging = if case .failure(let error) = reply { error.code == .cancelled } else { false }
            await withTaskCancellationHandler {
                await gate.wait()
            } onCancel: {
                if isHanging { gate.open() }
            }
        }
        return try reply.get()
    }

    func flight(
        _ commands: [MemcachedCommand],
        timeout: Duration?,
        late: MemcachedClient.LateReply?
    ) async throws(MemcachedError) -> [Result<MemcachedReply, MemcachedError>]? {
        guard isSingleServer || Set(commands.map(Self.place)).count == 1 else { return nil }
        if Task.isCancelled { throw MemcachedError(.cancelled, "cancelled before sending") }
        let isProbe = commands.contains { Self.line($0).contains(" probe.") }
        if commands.count > 1, !isProbe { state.withLock { $0.flights.append(commands.count) } }
        var replies: [Result<MemcachedReply, MemcachedError>] = []
        // On one connection nothing is answered after an answer that was lost, nor sent after what could not be.
        var lost: MemcachedError?
        var unsent: MemcachedError?
        for (index, command) in commands.enumerated() {
            if let unsent {
                replies.append(.failure(unsent))
                continue
            }
            let reply = carryOut(command, index, late)
            if case .failure(let error) = reply, error.outcome == .notSent { unsent = error }
            if let lost {
                replies.append(.failure(lost))
            } else {
                if case .failure(let error) = reply, error.outcome == .unknown { lost = error }
                replies.append(reply)
            }
        }
        return replies
    }

    private func carryOut(
        _ command: MemcachedCommand,
        _ index: Int,
        _ late: MemcachedClient.LateReply?
    ) -> Result<MemcachedReply, MemcachedError> {
        let line = Self.line(command)
        let fault = state.withLock { state -> Fault? in
            let isProbe = line.contains(" probe.")
            if line.hasPrefix("GETK gone.") {
                state.revocationReads += 1
            } else if isProbe {
                if line.hasPrefix("ADD") { state.probes += 1 }
            } else {
                state.log.append(line)
            }
            let index = state.faults.firstIndex { fault in
                line.hasPrefix(fault.prefix) && (!isProbe || fault.prefix.contains("probe."))
            }
            guard let index else { return nil }
            return state.faults.remove(at: index).fault
        }
        switch fault {
        case .fail(let error):
            return .failure(error)
        case .answerMiss:
            return .success(.item(nil))
        case .answer(let error):
            _ = execute(command)
            return .failure(error)
        case .carryOutLate:
            state.withLock { $0.late.append { [self] in late?(index, .success(execute(command))) } }
            return .failure(MemcachedError(.timeout, "no answer came in time", outcome: .unknown))
        case .hold(let gate, let error):
            state.withLock { $0.gate = gate }
            let reply = execute(command)
            return error.map { .failure($0) } ?? .success(reply)
        case .hang(let gate):
            state.withLock { $0.gate = gate }
            _ = execute(command)
            return .failure(MemcachedError(.cancelled, "cancelled while it waited", outcome: .unknown))
        case .before(let action):
            action(self)
            return .success(execute(command))
        case .loseAnswer:
            _ = execute(command)
            return .failure(MemcachedError(.connectionLost, "the connection was cut", outcome: .unknown))
        case .answerLate:
            let reply = execute(command)
            state.withLock { $0.late.append { late?(index, .success(reply)) } }
            return .failure(MemcachedError(.timeout, "no answer came in time", outcome: .unknown))
        case nil:
            return .success(execute(command))
        }
    }

    // MARK: The server

    private func execute(_ command: MemcachedCommand) -> MemcachedReply {
        if case .routed(.with, let command) = command { return execute(command) }
        let key = Self.stored(command, serverIndex(of: command.key))
        if case .routed(_, let command) = command { return execute(command, under: key) }
        return execute(command, under: key)
    }

    /// The key under which a server's items are: those on another server than their own begin with its number.
    private static func stored(_ command: MemcachedCommand, _ own: Int) -> String {
        if case .routed(.server(let index), let command) = command, index != own { return "@\(index):\(command.key)" }
        return "\(command.key)"
    }

    private func execute(_ command: MemcachedCommand, under key: String) -> MemcachedReply {
        let now = time.now
        return state.withLock { state in
            if let item = state.items[key], Self.isGone(item, now) { state.items[key] = nil }
            let item = state.items[key]
            switch command {
            case .getVerified:
                return .item(item.map { .init(value: $0.value, flags: $0.flags, cas: token($0.cas)) })
            case .add(_, let value, let flags, let expiration):
                guard item == nil else { return .store(.exists) }
                let cas = token(store(key, value, flags, expiration, &state))
                return .store(.stored(defect == .addGivesNoCAS ? nil : cas))
            case .replace(_, let value, let flags, let expiration, let cas):
                guard let item else { return .store(.notFound) }
                guard cas == nil || item.cas == cas?.rawValue || defect == .replaceIgnoresCAS else {
                    return .store(.exists)
                }
                return .store(.stored(token(store(key, value, flags, expiration, &state))))
            case .touch(_, let expiration):
                guard item != nil, defect != .noTouch else { return .touched(false) }
                state.items[key]?.expiration = expiration
                state.items[key]?.storedAt = now
                return .touched(true)
            case .delete(_, let cas):
                guard let item else { return .delete(.notFound) }
                if let cas, cas.rawValue != item.cas, defect != .deleteIgnoresCAS { return .delete(.exists) }
                state.items[key] = nil
                return .delete(.deleted)
            case .routed:
                // Taken apart above.
                return .touched(false)
            }
        }
    }

    private func store(
        _ key: String,
        _ value: ByteBuffer,
        _ flags: UInt32,
        _ expiration: MemcachedExpiration,
        _ state: inout State
    ) -> UInt64 {
        let cas = state.nextCAS
        state.nextCAS += 1
        state.items[key] = Stored(
            value: value,
            flags: flags,
            cas: cas,
            expiration: expiration,
            storedAt: time.now
        )
        return cas
    }

    private func token(_ cas: UInt64) -> MemcachedCAS? { keepsCAS ? MemcachedCAS(rawValue: cas) : nil }

    private static func isGone(_ item: Stored, _ now: SessionTime.Instant) -> Bool {
        let seconds = item.expiration.wireValue()
        return seconds > 0 && item.storedAt.duration(to: now) >= .seconds(Int64(seconds))
    }

    /// Which server holds what a command is about, where each key has one of its own.
    private static func place(of command: MemcachedCommand) -> String {
        switch command {
        case .routed(.with(let key), _): "\(key)"
        case .routed(.server(let index), _): "\(index)"
        default: "\(command.key)"
        }
    }

    var serverCount: Int { isSingleServer ? 1 : 3 }

    func serverIndex(of key: MemcachedKey) -> Int { isSingleServer || !"\(key)".hasPrefix("lock.") ? 0 : 1 }

    func server(at index: Int) -> MemcachedServer? {
        let servers = numberedServers.servers
        return servers.indices.contains(index) ? servers[index] : nil
    }

    var serversGeneration: Int { numberedServers.generation }

    var numberedServers: (generation: Int, servers: [MemcachedServer]) {
        let list = state.withLock { $0.list }
        return (list, (0..<serverCount).map { .unix(list == 0 ? "server \($0)" : "server \($0) of list \(list)") })
    }

    private static func line(_ command: MemcachedCommand) -> String {
        let key = "\(command.key)"
        return switch command {
        case .getVerified: "GETK \(key)"
        case .add: "ADD \(key)"
        case .replace: "REPLACE \(key)"
        case .touch: "TOUCH \(key)"
        case .delete(_, let cas): cas == nil ? "DELETE \(key)" : "DELETE+CAS \(key)"
        case .routed(.with, let command): line(command)
        case .routed(.server(let index), let command):
            line(command) + ("\(key)".hasPrefix("probe.") ? "" : " @\(index)")
        }
    }
}
