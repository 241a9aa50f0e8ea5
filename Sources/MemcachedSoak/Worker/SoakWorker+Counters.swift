import Memcached

extension SoakWorker {
    mutating func count() async {
        guard let key = key(counter: true, writing: true) else { return }
        let delta = newDelta()
        let isUp = chance(0.6)
        if let cas = condition(of: key, chance: 0.25) { return await count(key, delta, isUp, ifUnchangedSince: cas) }
        let initial: UInt64? = chance(0.5) ? .random(in: 0...50, using: &generator) : nil
        let effect: Effect =
            isUp
            ? .increment(delta, initial: initial, condition: nil) : .decrement(delta, initial: initial, condition: nil)
        let result = await attempt(isUp ? "INCREMENT" : "DECREMENT") {
            [client] timeout throws(MemcachedError) -> UInt64? in
            switch (isUp, initial) {
            case (true, let initial?):
                try await client.increment(key.name, by: delta, initial: initial, timeout: timeout)
            case (true, nil):
                try await client.increment(key.name, by: delta, timeout: timeout)
            case (false, let initial?):
                try await client.decrement(key.name, by: delta, initial: initial, timeout: timeout)
            case (false, nil):
                try await client.decrement(key.name, by: delta, timeout: timeout)
            }
        }
        switch result {
        case .success(let number): confirm(key, effect, number.map { .counted($0) } ?? .notFound)
        case .failure(let error): settle(key, effect, error)
        }
    }

    private mutating func count(
        _ key: SoakKey,
        _ delta: UInt64,
        _ isUp: Bool,
        ifUnchangedSince cas: MemcachedCAS
    ) async {
        let effect: Effect =
            isUp
            ? .increment(delta, initial: nil, condition: cas.rawValue)
            : .decrement(delta, initial: nil, condition: cas.rawValue)
        let result = await attempt(isUp ? "INCREMENT with CAS" : "DECREMENT with CAS") {
            [client] timeout throws(MemcachedError) in
            if isUp {
                try await client.increment(key.name, by: delta, ifUnchangedSince: cas, timeout: timeout)
            } else {
                try await client.decrement(key.name, by: delta, ifUnchangedSince: cas, timeout: timeout)
            }
        }
        switch result {
        case .success(.counted(let number, let cas)): confirm(key, effect, .counted(number), cas)
        case .success(.exists): confirm(key, effect, .exists)
        case .success(.notFound): confirm(key, effect, .notFound)
        case .failure(let error): settle(key, effect, error)
        }
    }

    mutating func countMany() async {
        let keys = someKeys(counter: true, writing: true)
        let delta = newDelta()
        let initial: UInt64? = chance(0.5) ? .random(in: 0...50, using: &generator) : nil
        let effect = Effect.increment(delta, initial: initial, condition: nil)
        let result = await attempt("INCREMENT of many", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.incrementMany(keys.map(\.name), by: delta, initial: initial, timeout: timeout)
        }
        finish(keys, "INCREMENT of many", result, { _ in effect }, { $0.map { .counted($0) } ?? .notFound })
    }

    private mutating func newDelta() -> UInt64 {
        chance(0.8) ? .random(in: 0...1_000, using: &generator) : .random(in: .min ... .max, using: &generator)
    }
}
