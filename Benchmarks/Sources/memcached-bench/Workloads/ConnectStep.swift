import Memcached

/// `w7`: a client of its own each time, which connects, authenticates, reads and closes.
struct Connect: Step {
    static var operations: Int { 1 }
    let configuration: MemcachedConfiguration
    var values: SmallValues
    let mode: Options.Mode

    mutating func run() async throws {
        let client = try MemcachedClient(configuration)
        let index = 1
        let text = try await mode.run(on: client) { [values] in
            try await client.get(values.keys[index], as: String.self)
        }
        if !values.matches(text, index) { try await values.settle(text, index, client) }
        await client.shutdown()
    }
}
