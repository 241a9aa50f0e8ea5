import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Values of Swift types, and the compare-and-swap loop, against a real memcached.
@Suite struct ValueTests {
    private struct Cart: Codable, Hashable, Sendable {
        var items: [String] = []
    }

    @Test func `values come back as the types they were`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("text", to: "grüß dich")
            try await client.set("number", to: 42)
            try await client.set("fraction", to: 0.1)
            try await client.set("flag", to: true)
            try await client.set("cart", to: Cart(items: ["a", "b"]))
            #expect(try await client.get("text", as: String.self) == "grüß dich")
            #expect(try await client.get("number", as: Int.self) == 42)
            #expect(try await client.get("fraction", as: Double.self) == 0.1)
            #expect(try await client.get("flag", as: Bool.self) == true)
            #expect(try await client.get("cart", as: Cart.self) == Cart(items: ["a", "b"]))
            #expect(try await client.get("absent", as: Cart.self) == nil)
            #expect(try await client.increment("number") == 43)
            let carts = try await client.get(["cart", "absent"], as: Cart.self)
            #expect(carts == ["cart": Cart(items: ["a", "b"])])
            let error = await failure { () async throws(MemcachedError) in try await client.get("text", as: Cart.self) }
            #expect(error?.code == .decodingFailed)
            #expect(error?.operation == "GET" && error?.server == client.servers.first?.label)
            #expect(error?.description.contains("grüß") == false)
            _ = try await client.setMany(["one": Cart(items: ["x"]), "two": Cart()]).get()
            #expect(try await client.get(["one", "two"], as: Cart.self).count == 2)
        }
    }

    @Test func `a counter that the server padded with blanks reads as its number`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("n", to: 10)
            #expect(try await client.decrement("n") == 9)
            #expect(try await client.get("n", as: Int.self) == 9)
        }
    }

    @Test func `update loses no change among many writers`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await client.update("cart", as: Cart.self, default: Cart(), tries: 1_000) {
                            $0.items.append("\(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let cart = try await client.get("cart", as: Cart.self)
            #expect(Set(cart?.items ?? []).count == 20)
            #expect(cart?.items.count == 20)
            #expect(try await client.update("absent", as: Cart.self) { $0.items = ["x"] } == nil)
            #expect(try await client.get("absent") == nil)
        }
    }

    @Test func `update gives up after its tries and stores nothing`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("cart", to: Cart())
            let error = await #expect(throws: MemcachedError.self) {
                try await client.update("cart", as: Cart.self, tries: 3) { _ in
                    // Somebody else is faster each time.
                    try await client.set("cart", to: Cart(items: ["theirs"]))
                }
            }
            #expect(error?.code == .conflict)
            #expect(try await client.get("cart", as: Cart.self) == Cart(items: ["theirs"]))
        }
    }

    @Test func `update says when the server keeps no CAS`() async throws {
        try await withMemcached(.init(arguments: ["-C"])) { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("cart", to: Cart())
            let error = await #expect(throws: MemcachedError.self) {
                try await client.update("cart", as: Cart.self) { $0.items = ["x"] }
            }
            #expect(error?.code == .casUnavailable && error?.outcome == .notSent)
            #expect(try await client.get("cart", as: Cart.self) == Cart())
        }
    }

    @Test func `the nearer of nested deadlines counts`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("key", to: "value")
            try await server.suspend()
            let began = ContinuousClock.now
            let error = await #expect(throws: MemcachedError.self) {
                try await withMemcachedDeadline(in: .seconds(30)) {
                    try await withMemcachedDeadline(in: .milliseconds(100)) {
                        try await withMemcachedDeadline(in: .seconds(60)) {
                            try await client.get("key", timeout: .seconds(20))
                        }
                    }
                }
            }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - began < .seconds(15))
            try server.resume()
        }
    }

    @Test func `long keys are hashed when asked for and told apart`() async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.keys.longKeys = .hash
            configuration.namespace = "app:"
            let client = try MemcachedClient(configuration)
            let long = MemcachedKey(String(repeating: "x", count: 300))
            let other = MemcachedKey(String(repeating: "x", count: 299) + "y")
            try await client.set(long, to: "one")
            try await client.set(other, to: "two")
            let found = try await client.get([long, other], as: String.self)
            #expect(found == [long: "one", other: "two"])
        }
    }

    @Test(arguments: ["with blank", "with\nnewline", "tab\t", "\u{7F}"])
    func `keys that text clients cannot name are refused when asked for`(key: String) async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.keys.requiresTextSafe = true
            let client = try MemcachedClient(configuration)
            let error = await failure { () async throws(MemcachedError) in try await client.get(MemcachedKey(key)) }
            #expect(error?.code == .invalidKey && error?.outcome == .notSent)
            try await client.set("ünïcode-is-fine", to: 1)
        }
    }
}
