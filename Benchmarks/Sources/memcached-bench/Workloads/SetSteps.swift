import Memcached

/// `w2`: a SET of the next key.
struct SetText: Step {
    static var operations: Int { 1 }
    let client: MemcachedClient
    let keys: [MemcachedKey]
    let text: String
    var index = 0

    mutating func run() async throws {
        index = index + 1 == keys.count ? 0 : index + 1
        guard try await client.set(keys[index], to: text) != nil else {
            throw BenchmarkFailure("\(keys[index]): stored without a CAS")
        }
    }
}

/// `w4`: a SET of 100 keys at once, with an outcome for each.
struct SetMany: Step {
    static var operations: Int { 100 }
    let client: MemcachedClient
    let texts: [MemcachedKey: String]

    init(client: MemcachedClient, keys: [MemcachedKey], text: String) {
        self.client = client
        self.texts = Dictionary(uniqueKeysWithValues: keys.prefix(Self.operations).map { ($0, text) })
    }

    mutating func run() async throws {
        let outcomes = try await client.setMany(texts).outcomes
        guard outcomes.count == Self.operations else {
            throw BenchmarkFailure("\(outcomes.count) outcomes of \(Self.operations)")
        }
        for outcome in outcomes.values { try outcome.get() }
    }
}
