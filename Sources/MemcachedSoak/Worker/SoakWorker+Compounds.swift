import Memcached
import NIOCore
import Synchronization

/// Operations that consist of several requests.
extension SoakWorker {
    /// Takes a key with a token, and finds out by itself if the answer is lost.
    mutating func claim() async {
        guard let key = key(counter: false, writing: true) else { return }
        let content = Content.pieces([newPiece()], flags: 0)
        let token = content.bytes(for: key)
        let effect = Effect.add(content)
        let result = await attempt("claim", windows: 2) { [client] timeout throws(MemcachedError) in
            try await client.claim(key.name, with: token, expiring: Self.far, timeout: timeout)
        }
        switch result {
        case .success(.claimed(let cas)):
            doubt(key, effect)
            observe(key, MemcachedItem(value: token, flags: 0, cas: cas), by: "claim")
        case .success(.taken):
            // Its own ADD may still be on the way.
            doubt(key, effect)
            observe(key, isThere: true, by: "claim")
        case .failure(let error):
            settle(key, effect, error)
        }
    }

    /// Changes a number with a compare-and-swap loop.
    mutating func update() async {
        guard let key = key(counter: true, writing: true) else { return }
        let delta = UInt64.random(in: 0...1_000, using: &generator)
        let first: UInt64? = chance(0.5) ? .random(in: 0...50, using: &generator) : nil
        let last = LastNumber()
        let result = await attempt("update", windows: 6) { [client] timeout throws(MemcachedError) in
            try await Self.typed {
                try await client.update(
                    key.name,
                    as: UInt64.self,
                    default: first,
                    expiring: Self.far,
                    timeout: timeout
                ) { number in
                    number = number &+ delta
                    last.set(number)
                }
            }
        }
        switch result {
        case .success(let number?): confirm(key, .set(.number(number), condition: nil), .stored)
        case .success(nil): observe(key, nil, by: "update")
        case .failure(let error):
            guard let number = last.value else { return }
            settle(key, .set(.number(number), condition: nil), error)
        }
    }

    /// Reads a number, or makes and stores it.
    mutating func getOrSet() async {
        guard let key = key(counter: true, writing: true) else { return }
        let loaded = UInt64.random(in: 0...1_000_000, using: &generator)
        let last = LastNumber()
        let result = await attempt("getOrSet", windows: 2) { [client] timeout throws(MemcachedError) in
            try await Self.typed {
                try await client.getOrSet(key.name, as: UInt64.self, expiring: Self.far, timeout: timeout) {
                    last.set(loaded)
                    return loaded
                }
            }
        }
        switch result {
        case .success(let number) where last.value == nil:
            observe(key, MemcachedItem(value: ByteBuffer(string: "\(number)")), by: "getOrSet")
        case .success(let number):
            if number != loaded { ledger.wrong("key \(key.number): getOrSet gave another number than it has loaded") }
            observe(key, nil, by: "getOrSet")
            // Nobody says whether it could be stored.
            doubt(key, .add(.number(loaded)))
        case .failure:
            // The load goes on for a moment without its caller.
            doubt(key, .add(.number(loaded)))
        }
    }

    private mutating func doubt(_ key: SoakKey, _ effect: Effect) {
        models[key, default: KeyModel()].doubt(effect)
    }

    /// These operations pass on what their closures throw, and what a sleep does; here that is cancellation only.
    private static func typed<Value>(_ body: () async throws -> Value) async throws(MemcachedError) -> Value {
        do {
            return try await body()
        } catch let error as MemcachedError {
            throw error
        } catch {
            throw MemcachedError(.cancelled, "cancelled between two requests", outcome: .rejected)
        }
    }
}

/// The number that a closure has made last.
private final class LastNumber: Sendable {
    private let number = Mutex<UInt64?>(nil)

    var value: UInt64? { number.withLock { $0 } }

    func set(_ value: UInt64) {
        number.withLock { $0 = value }
    }
}
