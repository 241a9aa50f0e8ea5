#if HummingbirdSupport
public import Hummingbird
public import Memcached
import NIOCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Hummingbird's persist framework over memcached: values that all processes of an application share.
///
/// ```swift
/// let cache = try MemcachedClient(.fromEnvironment())
/// let persist = MemcachedPersistDriver(client: cache, keyPrefix: "app.")
/// let app = Application(router: router, services: [cache, persist])
/// ```
///
/// It serves whatever takes a `PersistDriver`, the session middleware of hummingbird-auth among them. The client is not
/// the driver's: it goes on when the driver ends, and is to be run, or shut down, by whoever made it.
///
/// memcached may drop a value at any time for want of memory. What must not be lost belongs elsewhere.
///
/// Items hold the instant at which their value ends, since memcached does not tell it; so the processes' clocks should
/// agree. Their keys are as given behind the prefix; one that is no key of memcached (over 250 bytes with the client's
/// namespace, or with blanks or control characters where the client forbids them) is an error of code
/// ``Memcached/MemcachedError/Code/invalidKey``.
public struct MemcachedPersistDriver: PersistDriver {
    /// How often a change is tried while others change the same value.
    private static let attempts = 16

    private let client: MemcachedClient
    private let keyPrefix: String
    private let encoder: JSONEncoder
    private let decoder: JSONDecoder
    private let now: @Sendable () -> Date

    /// Makes a driver.
    ///
    /// - Parameters:
    ///   - client: Where values are kept.
    ///   - keyPrefix: What stands before every key, behind the client's own namespace.
    ///   - encoder: How values become bytes.
    ///   - decoder: How bytes become values.
    public init(
        client: MemcachedClient,
        keyPrefix: String = "",
        encoder: JSONEncoder = JSONEncoder(),
        decoder: JSONDecoder = JSONDecoder()
    ) {
        self.init(client: client, keyPrefix: keyPrefix, encoder: encoder, decoder: decoder) { Date() }
    }

    init(
        client: MemcachedClient,
        keyPrefix: String = "",
        encoder: JSONEncoder = JSONEncoder(),
        decoder: JSONDecoder = JSONDecoder(),
        now: @escaping @Sendable () -> Date
    ) {
        self.client = client
        self.keyPrefix = keyPrefix
        self.encoder = encoder
        self.decoder = decoder
        self.now = now
    }

    /// Stores a value if there is none under the key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    ///   - expires: How long it lives; nil for ever, or until memcached needs the memory.
    /// - Throws: `PersistError.duplicate` when there is one; `MemcachedError`; what the encoder throws.
    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let key = itemKey(key)
        let envelope = PersistEnvelope(end: end(in: expires), payload: try payload(of: value))
        for _ in 1...Self.attempts {
            if try await client.add(key, envelope.item, expiring: expiration(envelope)).isStored { return }
            // An item outlives its value by up to two seconds.
            guard let stored = try await client.get(key) else { continue }
            guard let old = PersistEnvelope(stored.value), old.hasEnded(at: now()) else { throw PersistError.duplicate }
            if try await replace(key, stored, with: envelope) { return }
        }
        throw PersistError.duplicate
    }

    /// Stores a value, whether one is there or not.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    ///   - expires: How long it lives; nil: as long as the value that it replaces would have lived, and for ever if
    ///     there is none.
    /// - Throws: `MemcachedError`, with code `conflict` when others changed the value in each of many tries; what the
    ///   encoder throws. The old value stays then.
    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let itemKey = itemKey(key)
        var envelope = PersistEnvelope(end: end(in: expires), payload: try payload(of: value))
        guard expires == nil else { return try await store(envelope, under: itemKey) }
        for attempt in 1...Self.attempts {
            let stored = try await client.get(itemKey)
            let old = stored.flatMap { PersistEnvelope($0.value) }
            envelope.end = old.flatMap { $0.hasEnded(at: now()) ? nil : $0.end }
            if let stored {
                if try await replace(itemKey, stored, with: envelope) { return }
            } else if try await client.add(itemKey, envelope.item, expiring: expiration(envelope)).isStored {
                return
            }
            // Others are at it: step aside for a moment that grows and differs from theirs.
            try await Task.sleep(for: .microseconds(Int64.random(in: 0...(200 * Int64(attempt)))))
        }
        throw Self.conflict
    }

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: Its type.
    /// - Returns: The value; nil when there is none.
    /// - Throws: `PersistError.invalidConversion` when it is of another type, or nothing that a driver has stored;
    ///   `MemcachedError`.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        try await getWithTTL(key: key, as: type)?.object
    }

    /// Reads a value and how long it still lives.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: Its type.
    /// - Returns: The value and its time, nil for one without end; nil when there is no value.
    /// - Throws: As ``get(key:as:)``.
    public func getWithTTL<Object: Codable & Sendable>(
        key: String,
        as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        guard let item = try await client.get(itemKey(key)) else { return nil }
        guard let envelope = PersistEnvelope(item.value) else { throw PersistError.invalidConversion }
        let now = now()
        guard !envelope.hasEnded(at: now) else { return nil }
        do {
            let object = try decoder.decode(type, from: Data(envelope.payload.readableBytesView))
            return (object, envelope.timeToLive(at: now))
        } catch is DecodingError {
            throw PersistError.invalidConversion
        }
    }

    /// Removes a value, if it is there.
    ///
    /// - Parameter key: The key.
    /// - Throws: `MemcachedError`.
    public func remove(key: String) async throws {
        try await client.delete(itemKey(key))
    }

    // MARK: Items

    private func itemKey(_ key: String) -> MemcachedKey { MemcachedKey(keyPrefix + key) }

    private func payload(of value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try encoder.encode(value))
    }

    private func end(in time: Duration?) -> Date? {
        time.map { time in
            let (seconds, attoseconds) = time.components
            return now().addingTimeInterval(Double(seconds) + Double(attoseconds) * 1e-18)
        }
    }

    /// When the server may drop an item: a second after its value has ended.
    ///
    /// memcached's own clock may be a second ahead. A value that has ended already is gone at once.
    private func expiration(_ envelope: PersistEnvelope) -> MemcachedExpiration {
        guard let end = envelope.end else { return .never }
        return end <= now() ? .after(.zero) : .at(end.addingTimeInterval(1))
    }

    /// Stores over what is there, or anew; never by SET, which removes the old value when the new one is too large.
    private func store(_ envelope: PersistEnvelope, under key: MemcachedKey) async throws {
        let item = envelope.item
        let expiration = expiration(envelope)
        for _ in 1...Self.attempts {
            if try await client.replace(key, with: item, expiring: expiration).isStored { return }
            if try await client.add(key, item, expiring: expiration).isStored { return }
        }
        throw Self.conflict
    }

    /// Stores over the item that was read, if it is still that one.
    private func replace(
        _ key: MemcachedKey,
        _ stored: MemcachedItem,
        with envelope: PersistEnvelope
    ) async throws -> Bool {
        guard let cas = stored.cas else {
            throw MemcachedError(
                .casUnavailable,
                "the server keeps no CAS (-C), so a value cannot be changed safely; nothing was stored"
            )
        }
        return
            try await client.replace(
                key,
                with: envelope.item,
                ifUnchangedSince: cas,
                expiring: expiration(envelope)
            )
            .isStored
    }

    private static var conflict: MemcachedError {
        MemcachedError(
            .conflict,
            "others changed the value in each of \(attempts) tries; try again later",
            outcome: .rejected
        )
    }
}
#endif
