import Memcached

/// `w1`, and each user of `w6`: a GET of the next key.
struct GetText: Step, Sendable {
    static var operations: Int { 1 }
    let client: MemcachedClient
    var values: SmallValues
    var index = 0

    mutating func run() async throws {
        index = index + 1 == values.keys.count ? 0 : index + 1
        let text = try await client.get(values.keys[index], as: String.self)
        if !values.matches(text, index) { try await values.settle(text, index, client) }
    }
}

/// The same, of the item as it is.
struct GetItem: Step, Sendable {
    static var operations: Int { 1 }
    let client: MemcachedClient
    var values: SmallValues
    var index = 0

    mutating func run() async throws {
        index = index + 1 == values.keys.count ? 0 : index + 1
        let text = try await client.get(values.keys[index])?.text
        if !values.matches(text, index) { try await values.settle(text, index, client) }
    }
}

/// `w3`: a GET of 100 keys at once.
struct GetMany: Step {
    static var operations: Int { 100 }
    let client: MemcachedClient
    var values: SmallValues
    let keys: ArraySlice<MemcachedKey>

    init(client: MemcachedClient, values: SmallValues) {
        self.client = client
        self.values = values
        self.keys = values.keys.prefix(Self.operations)
    }

    mutating func run() async throws {
        let found = try await client.get(keys, as: String.self)
        guard found.count == Self.operations else {
            throw BenchmarkFailure("\(found.count) of \(Self.operations) keys were found")
        }
        // Where all values are the same, looking each key up shows no more.
        if let common = values.common, found.values.allSatisfy({ $0 == common }) { return }
        for index in keys.indices where !values.matches(found[keys[index]], index) {
            try await values.settle(found[keys[index]], index, client)
        }
    }
}
