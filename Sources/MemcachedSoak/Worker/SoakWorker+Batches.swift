import Memcached

extension SoakWorker {
    mutating func setMany() async {
        let keys = someKeys(writing: true)
        let flags: UInt32 = 0
        var contents: [SoakKey: Content] = [:]
        for key in keys {
            contents[key] = key.isCounter ? newValue(of: key) : .pieces([newPiece()], flags: flags)
        }
        let items = Dictionary(
            contents.map { ($0.name, $1.bytes(for: $0)) },
            uniquingKeysWith: { first, _ in first }
        )
        let result = await attempt("SETQ", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.setMany(items, flags: flags, timeout: timeout)
        }
        let stored = contents
        finish(keys, "SETQ", result, { .set(stored[$0] ?? .number(0), condition: nil) }, { _ in .stored })
    }

    mutating func deleteMany() async {
        let keys = someKeys(writing: true)
        let result = await attempt("DELETEQ", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.deleteMany(keys.map(\.name), timeout: timeout)
        }
        finish(keys, "DELETEQ", result, { _ in .delete(condition: nil) }, { $0 ? .deleted : .notFound })
    }

    mutating func touchMany() async {
        let keys = someKeys(writing: false)
        let result = await attempt("TOUCH of many", keys: keys.count) { [client] timeout throws(MemcachedError) in
            try await client.touchMany(keys.map(\.name), expiring: Self.far, timeout: timeout)
        }
        guard case .success(let batch) = result else { return }
        for key in keys {
            switch batch[key.name] {
            case .success(let isThere): observe(key, isThere: isThere, by: "TOUCH of many")
            case .failure(let error): ledger.note(error, of: "TOUCH of many")
            case nil: ledger.wrong("a batch has no outcome for a key")
            }
        }
    }

    /// What a batch of writes says of each key.
    mutating func finish<Value>(
        _ keys: [SoakKey],
        _ name: String,
        _ result: Result<MemcachedBatch<Value>, MemcachedError>,
        _ effect: (SoakKey) -> Effect,
        _ verdict: (Value) -> Effect.Verdict
    ) {
        switch result {
        case .failure(let error):
            // A batch as a whole fails only before anything is sent.
            if error.outcome != .notSent { ledger.wrong("\(name) ended as a whole with \(error)") }
        case .success(let batch):
            if batch.outcomes.count != keys.count { ledger.wrong("\(name) has not one outcome for each key") }
            for key in keys {
                switch batch[key.name] {
                case .success(let value):
                    confirm(key, effect(key), verdict(value))
                case .failure(let error):
                    ledger.note(error, of: name)
                    settle(key, effect(key), error)
                case nil:
                    ledger.wrong("\(name) has no outcome for a key")
                }
            }
        }
    }
}
