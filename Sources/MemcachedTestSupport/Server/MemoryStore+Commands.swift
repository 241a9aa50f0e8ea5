extension MemoryStore {
    /// Does what a request asks for, if it is one for the items and well formed.
    /// - Parameters:
    ///   - command: What it asks for.
    ///   - isQuiet: Whether it is the quiet form.
    ///   - request: The request.
    ///   - now: The present as Unix time.
    /// - Returns: What to answer; nothing where the quiet form keeps silent.
    mutating func perform(
        _ command: ServerCommand,
        isQuiet: Bool,
        _ request: RawFrame,
        now: Int64
    ) -> [RawFrame] {
        do throws(ServerRefusal) {
            switch command {
            case .get, .getKey, .getAndTouch, .getAndTouchKey:
                return [try get(command, request, now: now)]
            case .touch:
                let item = try touched(request, now: now)
                return [request.answer(cas: item.cas, extras: item.flags.bigEndianBytes)]
            case .stat: return try statistics(request)
            case .noop: return [request.answer()]
            case .version: return [request.answer(value: Array(limits.version.utf8))]
            case .set, .add, .replace:
                counters["cmd_set", default: 0] += 1
                let cas = try store(command, request, now: now)
                return isQuiet ? [] : [request.answer(cas: cas)]
            case .append, .prepend:
                counters["cmd_set", default: 0] += 1
                let cas = try extend(command, request, now: now)
                return isQuiet ? [] : [request.answer(cas: cas)]
            case .delete:
                try delete(request, now: now)
                return isQuiet ? [] : [request.answer()]
            case .increment, .decrement:
                let (value, cas) = try count(command, request, now: now)
                return isQuiet ? [] : [request.answer(cas: cas, value: value.bigEndianBytes)]
            case .flush:
                counters["cmd_flush", default: 0] += 1
                guard limits.allowsFlush else { throw .authentication }
                flush(delay: request.extras.integer(at: 0), now: now)
                return isQuiet ? [] : [request.answer()]
            case .quit, .listMechanisms, .authenticate, .step:
                // Not for the items: the session answers these.
                throw .unknownCommand
            }
        } catch {
            if isQuiet, error == .notFound, [.get, .getKey, .getAndTouch, .getAndTouchKey].contains(command) {
                return []
            }
            if error == .notFound, command == .getKey || command == .getAndTouchKey {
                return [request.answer(status: error.rawValue, key: request.key)]
            }
            return [request.refusal(error)]
        }
    }

    /// What a SET, ADD, REPLACE, APPEND or PREPEND gets whose value is too large to be read at all.
    ///
    /// A SET also removes the old item, so that nobody reads a value which should have been replaced.
    mutating func refuseOversized(_ command: ServerCommand, _ head: RawFrame) -> RawFrame {
        if command == .set { remove(head.key) }
        return head.refusal(ServerRefusal.tooLarge)
    }

    private mutating func get(
        _ command: ServerCommand,
        _ request: RawFrame,
        now: Int64
    ) throws(ServerRefusal) -> RawFrame {
        counters["cmd_get", default: 0] += 1
        let touches = command == .getAndTouch || command == .getAndTouchKey
        let item = touches ? try touched(request, now: now) : try read(request, now: now)
        let withKey = command == .getKey || command == .getAndTouchKey
        return request.answer(
            cas: item.cas,
            extras: item.flags.bigEndianBytes,
            key: withKey ? request.key : [],
            value: item.value
        )
    }

    private mutating func read(_ request: RawFrame, now: Int64) throws(ServerRefusal) -> Item {
        let item = item(request.key, now: now)
        counters[item == nil ? "get_misses" : "get_hits", default: 0] += 1
        guard let item else { throw .notFound }
        return item
    }

    private mutating func touched(_ request: RawFrame, now: Int64) throws(ServerRefusal) -> Item {
        let item = item(request.key, now: now)
        counters["cmd_touch", default: 0] += 1
        counters[item == nil ? "touch_misses" : "touch_hits", default: 0] += 1
        guard let item else { throw .notFound }
        touch(request.key, expires: Self.instant(request.extras.integer(at: 0), now: now))
        return item
    }

    private mutating func store(
        _ command: ServerCommand,
        _ request: RawFrame,
        now: Int64
    ) throws(ServerRefusal) -> UInt64 {
        let new = Item(
            value: request.value,
            flags: request.extras.integer(at: 0),
            cas: 0,
            expires: Self.instant(request.extras.integer(at: 4), now: now),
            stored: now
        )
        let old = item(request.key, now: now)
        if request.cas != 0, limits.hasCAS {
            // With a CAS all three commands become one: store if it is this one.
            guard let old else { throw .notFound }
            guard old.cas == request.cas else { throw .exists }
        } else if command == .add, old != nil {
            throw .exists
        } else if command == .replace, old == nil {
            throw .notFound
        }
        do {
            return try put(new, request.key, now: now)
        } catch {
            if command == .set { remove(request.key) }
            throw error
        }
    }

    private mutating func extend(
        _ command: ServerCommand,
        _ request: RawFrame,
        now: Int64
    ) throws(ServerRefusal) -> UInt64 {
        guard var item = item(request.key, now: now) else { throw .notStored }
        if limits.hasCAS { try checkCAS(request, item) }
        item.value = command == .append ? item.value + request.value : request.value + item.value
        do {
            return try put(item, request.key, now: now)
        } catch {
            throw error == .tooLarge ? .notStored : error
        }
    }

    private mutating func delete(_ request: RawFrame, now: Int64) throws(ServerRefusal) {
        guard let item = item(request.key, now: now) else { throw .notFound }
        try checkCAS(request, item)
        remove(request.key)
    }

    /// Where items have no CAS theirs is 0, so memcached deletes and counts nothing under a condition.
    private func checkCAS(_ request: RawFrame, _ item: Item) throws(ServerRefusal) {
        guard request.cas == 0 || request.cas == item.cas else { throw .exists }
    }

    /// INCREMENT and DECREMENT.
    private mutating func count(
        _ command: ServerCommand,
        _ request: RawFrame,
        now: Int64
    ) throws(ServerRefusal) -> (UInt64, UInt64) {
        let delta: UInt64 = request.extras.integer(at: 0)
        guard var item = item(request.key, now: now) else {
            let initial: UInt64 = request.extras.integer(at: 8)
            let expiration: UInt32 = request.extras.integer(at: 16)
            guard expiration != .max else { throw .notFound }
            let expires = Self.instant(expiration, now: now)
            let new = Item(value: Array(String(initial).utf8), flags: 0, cas: 0, expires: expires, stored: now)
            return (initial, try put(new, request.key, now: now))
        }
        guard !item.value.isEmpty else { throw .nonNumeric }
        try checkCAS(request, item)
        guard let old = CounterText.value(of: item.value) else { throw .nonNumeric }
        let new = command == .increment ? old &+ delta : old - min(old, delta)
        let isInPlace = String(new).utf8.count <= item.value.count
        item.value = CounterText.text(of: new, replacing: item.value)
        let cas = try put(item, request.key, now: now)
        if isInPlace { counters["total_items", default: 0] -= 1 }
        return (new, cas)
    }
}
