import Memcached
import Synchronization

extension SoakWorker {
    /// Several commands in one flight, as the session handler sends them, or a single verified one.
    mutating func fly() async {
        guard let key = key(counter: false, writing: true), model(of: key).room >= 4 else { return }
        let other = self.key(counter: false, writing: false) ?? key
        var commands: [MemcachedCommand] = []
        var effects: [Effect?] = []
        func add(_ command: MemcachedCommand, _ effect: Effect?) {
            commands.append(command)
            effects.append(effect)
        }
        let content = newContent()
        let value = content.bytes(for: key)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            // Lock, read.
            add(.add(key.name, value, flags: content.flags, Self.far), .add(content))
            add(.getVerified(other.name), nil)
        case 1 where tokens[key] != nil:
            // Write, release.
            guard let cas = tokens[key] else { return }
            add(
                .replace(key.name, value, flags: content.flags, Self.far, ifUnchangedSince: cas),
                .replace(content, condition: cas.rawValue)
            )
            add(.delete(key.name, ifUnchangedSince: cas), .delete(condition: cas.rawValue))
        case 2:
            add(.touch(key.name, Self.far), .touch)
            add(.getVerified(key.name), nil)
            add(.delete(key.name, ifUnchangedSince: nil), .delete(condition: nil))
            add(.getVerified(key.name), nil)
        default:
            add(.getVerified(other.name), nil)
        }
        await fly(commands, effects, [key, other])
    }

    private mutating func fly(_ commands: [MemcachedCommand], _ effects: [Effect?], _ keys: [SoakKey]) async {
        let late = LateReplies(count: commands.count, ledger: ledger)
        let isSingle = commands.count == 1
        let result = await attempt("flight", keys: commands.count) {
            [client] timeout throws(MemcachedError) -> [Result<MemcachedReply, MemcachedError>]? in
            guard isSingle, let command = commands.first else {
                return try await client.flight(commands, timeout: timeout, late: late.note)
            }
            return [.success(try await client.perform(command, timeout: timeout, late: late.note))]
        }
        guard case .success(let replies) = result else {
            // A flight throws before anything is sent, a single read throws and changes nothing.
            return
        }
        guard let replies else {
            let servers = Set(commands.map { client.server(of: $0.key) })
            if servers.count == 1 { ledger.wrong("a flight to one server was refused as one to several") }
            return
        }
        if replies.count != commands.count { ledger.wrong("a flight has not one answer for each command") }
        for (index, reply) in replies.enumerated() where index < commands.count {
            guard let key = keys.first(where: { $0.name == commands[index].key }) else { continue }
            take(reply, to: key, effects[index])
        }
    }

    private mutating func take(_ reply: Result<MemcachedReply, MemcachedError>, to key: SoakKey, _ effect: Effect?) {
        switch (reply, effect) {
        case (.success(.item(let item)), nil): observe(key, item, by: "GETK")
        case (.success(.store(let answer)), let effect?): confirm(key, effect, Effect.Verdict(answer), answer.cas)
        case (.success(.delete(let answer)), let effect?): confirm(key, effect, Effect.Verdict(answer))
        case (.success(.touched(let isThere)), _): observe(key, isThere: isThere, by: "TOUCH in a flight")
        case (.failure(let error), let effect):
            ledger.note(error, of: "flight")
            if let effect, effect != .touch { settle(key, effect, error) }
        case (.success, _): ledger.wrong("a command of a flight was answered with another command's reply")
        }
    }
}

/// Sees to it that each command of a flight has at most one late reply.
private final class LateReplies: Sendable {
    private let seen: Mutex<[Bool]>
    private let ledger: SoakLedger

    init(count: Int, ledger: SoakLedger) {
        self.seen = Mutex(Array(repeating: false, count: count))
        self.ledger = ledger
    }

    @Sendable func note(_ index: Int, _ reply: Result<MemcachedReply, MemcachedError>) {
        let isFirst = seen.withLock { seen in
            guard seen.indices.contains(index), !seen[index] else { return false }
            seen[index] = true
            return true
        }
        if isFirst {
            ledger.noteLateReply()
        } else {
            ledger.wrong("a command of a flight had two late replies")
        }
    }
}
