import Memcached
import NIOCore

extension SoakWorker {
    mutating func set() async {
        guard let key = key(counter: chance(0.1), writing: true) else { return }
        if let cas = condition(of: key, chance: 0.25) { return await set(key, ifUnchangedSince: cas) }
        let content = newValue(of: key)
        let value = content.bytes(for: key)
        let effect = Effect.set(content, condition: nil)
        let result = await attempt("SET") { [client] timeout throws(MemcachedError) in
            try await client.set(key.name, to: value, flags: content.flags, timeout: timeout)
        }
        switch result {
        case .success(let cas): confirm(key, effect, .stored, cas)
        case .failure(let error): settle(key, effect, error)
        }
    }

    private mutating func set(_ key: SoakKey, ifUnchangedSince cas: MemcachedCAS) async {
        let content = newValue(of: key)
        let value = content.bytes(for: key)
        let result = await attempt("SET with CAS") { [client] timeout throws(MemcachedError) in
            try await client.set(
                key.name,
                to: value,
                ifUnchangedSince: cas,
                flags: content.flags,
                timeout: timeout
            )
        }
        finish(key, .set(content, condition: cas.rawValue), result)
    }

    mutating func add() async {
        guard let key = key(counter: chance(0.1), writing: true) else { return }
        let content = newValue(of: key)
        let value = content.bytes(for: key)
        let result = await attempt("ADD") { [client] timeout throws(MemcachedError) in
            try await client.add(key.name, value, flags: content.flags, timeout: timeout)
        }
        finish(key, .add(content), result)
    }

    mutating func replace() async {
        guard let key = key(counter: chance(0.1), writing: true) else { return }
        let content = newValue(of: key)
        let value = content.bytes(for: key)
        let cas = condition(of: key, chance: 0.4)
        let result = await attempt("REPLACE") { [client] timeout throws(MemcachedError) in
            try await client.replace(
                key.name,
                with: value,
                ifUnchangedSince: cas,
                flags: content.flags,
                timeout: timeout
            )
        }
        finish(key, .replace(content, condition: cas?.rawValue), result)
    }

    /// Appends or prepends, unless the value is long already: then it is stored anew.
    mutating func extend() async {
        guard let key = key(counter: false, writing: true) else { return }
        if let content = model(of: key).certainty?.flatMap(\.self), content.byteCount > 20_000 { return await set() }
        let piece = newPiece()
        var buffer = ByteBuffer()
        piece.write(to: &buffer, key: key.number)
        let value = buffer
        let cas = condition(of: key, chance: 0.3)
        if chance(0.5) {
            let result = await attempt("APPEND") { [client] timeout throws(MemcachedError) in
                try await client.append(value, to: key.name, ifUnchangedSince: cas, timeout: timeout)
            }
            finish(key, .append(piece, condition: cas?.rawValue), result)
        } else {
            let result = await attempt("PREPEND") { [client] timeout throws(MemcachedError) in
                try await client.prepend(value, to: key.name, ifUnchangedSince: cas, timeout: timeout)
            }
            finish(key, .prepend(piece, condition: cas?.rawValue), result)
        }
    }

    mutating func delete() async {
        guard let key = key(counter: chance(0.2), writing: true) else { return }
        if let cas = condition(of: key, chance: 0.4) {
            let effect = Effect.delete(condition: cas.rawValue)
            let result = await attempt("DELETE with CAS") { [client] timeout throws(MemcachedError) in
                try await client.delete(key.name, ifUnchangedSince: cas, timeout: timeout)
            }
            switch result {
            case .success(let answer): confirm(key, effect, Effect.Verdict(answer))
            case .failure(let error): settle(key, effect, error)
            }
        } else {
            let effect = Effect.delete(condition: nil)
            let result = await attempt("DELETE") { [client] timeout throws(MemcachedError) in
                try await client.delete(key.name, timeout: timeout)
            }
            switch result {
            case .success(let wasThere): confirm(key, effect, wasThere ? .deleted : .notFound)
            case .failure(let error): settle(key, effect, error)
            }
        }
    }

    private mutating func finish(
        _ key: SoakKey,
        _ effect: Effect,
        _ result: Result<MemcachedStoreResult, MemcachedError>
    ) {
        switch result {
        case .success(let answer): confirm(key, effect, Effect.Verdict(answer), answer.cas)
        case .failure(let error): settle(key, effect, error)
        }
    }

    /// Something to store: of a counter now and then a number near the ends of its range.
    mutating func newValue(of key: SoakKey) -> Content {
        guard key.isCounter else { return newContent() }
        return switch Int.random(in: 0..<3, using: &generator) {
        case 0: .number(.max - .random(in: 0...100, using: &generator))
        case 1: .number(.random(in: 0...1_200, using: &generator))
        default: .number(.random(in: .min ... .max, using: &generator))
        }
    }
}

extension Effect.Verdict {
    init(_ answer: MemcachedStoreResult) {
        switch answer {
        case .stored: self = .stored
        case .exists: self = .exists
        case .notFound: self = .notFound
        case .notStored: self = .notStored
        }
    }

    init(_ answer: MemcachedDeleteResult) {
        switch answer {
        case .deleted: self = .deleted
        case .exists: self = .exists
        case .notFound: self = .notFound
        }
    }
}
