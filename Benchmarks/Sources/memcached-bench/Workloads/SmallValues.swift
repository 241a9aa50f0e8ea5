import Memcached

/// The small values that the server holds, as they were read at the start: every reply is compared with them.
struct SmallValues: Sendable {
    let keys: [MemcachedKey]
    private var texts: [String]
    /// The value of all keys, when they have the same.
    private(set) var common: String?

    /// Reads the values, which somebody has to have stored.
    ///
    /// - Throws: ``BenchmarkFailure`` for one that is missing or not so long.
    init(of client: MemcachedClient, keys count: Int, bytes: Int) async throws {
        keys = Self.keys(count)
        let found = try await Self.read(keys, client)
        texts = []
        for key in keys {
            guard let text = found[key] else { throw BenchmarkFailure("\(key) is not stored: nothing to measure with") }
            guard text.utf8.count == bytes else {
                throw BenchmarkFailure("\(key) has \(text.utf8.count) bytes, not \(bytes)")
            }
            texts.append(text)
        }
        noteCommon()
    }

    static func keys(_ count: Int) -> [MemcachedKey] {
        (0..<count).map { MemcachedKey("bench:key:" + padded($0, 6)) }
    }

    /// Reads the values; those that another client has marked with flags of its own are stored again without.
    private static func read(
        _ keys: [MemcachedKey],
        _ client: MemcachedClient
    ) async throws(MemcachedError) -> [MemcachedKey: String] {
        do {
            return try await client.get(keys, as: String.self)
        } catch  where error.code == .decodingFailed {
            for (key, item) in try await client.get(keys) { try await client.set(key, to: item.value, flags: 0) }
            return try await client.get(keys, as: String.self)
        }
    }

    /// Whether this is the value of a key.
    func matches(_ text: String?, _ index: Int) -> Bool { text == texts[index] }

    /// Decides about a reply that is not the value.
    ///
    /// It is right all the same if somebody has stored it meanwhile, as other programs of a comparison do; then it is
    /// read again.
    ///
    /// - Throws: ``BenchmarkFailure`` when the reply was wrong.
    mutating func settle(_ text: String?, _ index: Int, _ client: MemcachedClient) async throws {
        let key = keys[index]
        guard let text else { throw BenchmarkFailure("\(key): a miss, though it is stored") }
        let stored = try await client.get(key, as: String.self)
        guard text.utf8.count == texts[index].utf8.count, stored == text else {
            throw BenchmarkFailure("\(key): a wrong value of \(text.utf8.count) bytes")
        }
        texts[index] = text
        noteCommon()
    }

    private mutating func noteCommon() {
        common = texts.allSatisfy { $0 == texts[0] } ? texts[0] : nil
    }

    /// A number with zeros before it.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Printable text that looks random and is the same in every run, and in the other drivers.
    static func text(bytes: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
        var state: UInt32 = 2_463_534_242
        let bytes = (0..<bytes)
            .map { _ in
                state ^= state << 13
                state ^= state >> 17
                state ^= state << 5
                return alphabet[Int(state & 63)]
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
