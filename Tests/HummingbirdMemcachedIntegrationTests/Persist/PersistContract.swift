#if HummingbirdSupport
import Hummingbird
import MemcachedTestSupport
import Testing

/// What every driver of the persist framework has to do.
///
/// Run against Hummingbird's own `MemoryPersistDriver` too: what that one does not do is not in the contract.
struct PersistContract: Sendable, CustomTestStringConvertible {
    struct Cart: Codable, Hashable, Sendable {
        var items: [String]
        var total: Double
    }

    let testDescription: String
    /// Gets a driver, and the clock that it goes by.
    let check: @Sendable (any PersistDriver, ManualClock) async throws -> Void

    private init(
        _ description: String,
        _ check: @escaping @Sendable (any PersistDriver, ManualClock) async throws -> Void
    ) {
        self.testDescription = description
        self.check = check
    }

    static let all: [PersistContract] = [
        PersistContract("what is not there is nil") { driver, _ in
            let read = try await driver.get(key: "k", as: String.self)
            #expect(read == nil)
            #expect(try await driver.getWithTTL(key: "k", as: String.self) == nil)
        },
        PersistContract("what was set is read") { driver, _ in
            try await driver.set(key: "k", value: "Persist")
            #expect(try await driver.get(key: "k", as: String.self) == "Persist")
        },
        PersistContract("what was created is read") { driver, _ in
            try await driver.create(key: "k", value: "Persist")
            #expect(try await driver.get(key: "k", as: String.self) == "Persist")
        },
        PersistContract("creating twice fails, and the first stays") { driver, _ in
            try await driver.create(key: "k", value: "first")
            await #expect(throws: PersistError.duplicate) { try await driver.create(key: "k", value: "second") }
            await #expect(throws: PersistError.duplicate) {
                try await driver.create(key: "k", value: "third", expires: .seconds(10))
            }
            #expect(try await driver.get(key: "k", as: String.self) == "first")
        },
        PersistContract("setting twice keeps the second") { driver, _ in
            try await driver.set(key: "k", value: "first")
            try await driver.set(key: "k", value: "second")
            #expect(try await driver.get(key: "k", as: String.self) == "second")
        },
        PersistContract("a value ends, and another does not") { driver, clock in
            try await driver.set(key: "short", value: "a", expires: .seconds(5))
            try await driver.create(key: "created", value: "b", expires: .seconds(5))
            try await driver.set(key: "long", value: "c", expires: .seconds(60))
            try await driver.set(key: "endless", value: "d")
            clock.advance(by: .milliseconds(5_001))
            #expect(try await driver.get(key: "short", as: String.self) == nil)
            #expect(try await driver.getWithTTL(key: "short", as: String.self) == nil)
            #expect(try await driver.get(key: "created", as: String.self) == nil)
            #expect(try await driver.get(key: "long", as: String.self) == "c")
            #expect(try await driver.get(key: "endless", as: String.self) == "d")
        },
        PersistContract("the time to live is told") { driver, clock in
            try await driver.set(key: "k", value: "a", expires: .seconds(10))
            try await driver.set(key: "endless", value: "b")
            clock.advance(by: .seconds(3))
            let read = try await driver.getWithTTL(key: "k", as: String.self)
            #expect(read?.object == "a")
            let left = try #require(read?.ttl)
            #expect(left > .milliseconds(6_990) && left < .milliseconds(7_010))
            let endless = try await driver.getWithTTL(key: "endless", as: String.self)
            #expect(endless?.object == "b")
            #expect(endless?.ttl == nil)
        },
        PersistContract("setting without a time keeps the time to live") { driver, clock in
            try await driver.set(key: "k", value: "a", expires: .seconds(10))
            clock.advance(by: .seconds(4))
            try await driver.set(key: "k", value: "b", expires: nil)
            let read = try await driver.getWithTTL(key: "k", as: String.self)
            #expect(read?.object == "b")
            let left = try #require(read?.ttl)
            #expect(left > .milliseconds(5_990) && left < .milliseconds(6_010))
            clock.advance(by: .milliseconds(6_001))
            #expect(try await driver.get(key: "k", as: String.self) == nil)
        },
        PersistContract("setting with a time replaces the time to live") { driver, clock in
            try await driver.set(key: "k", value: "a", expires: .seconds(5))
            try await driver.set(key: "k", value: "b", expires: .seconds(60))
            clock.advance(by: .seconds(30))
            #expect(try await driver.get(key: "k", as: String.self) == "b")
            try await driver.set(key: "k", value: "c", expires: .seconds(1))
            clock.advance(by: .milliseconds(1_001))
            #expect(try await driver.get(key: "k", as: String.self) == nil)
        },
        PersistContract("a value that ended can be set again") { driver, clock in
            try await driver.set(key: "k", value: "a", expires: .seconds(1))
            clock.advance(by: .seconds(2))
            try await driver.set(key: "k", value: "b", expires: .seconds(10))
            #expect(try await driver.get(key: "k", as: String.self) == "b")
        },
        PersistContract("values are of any Codable type") { driver, _ in
            let cart = Cart(items: ["tea", "söckchen"], total: 12.5)
            try await driver.set(key: "cart", value: cart)
            #expect(try await driver.get(key: "cart", as: Cart.self) == cart)
            try await driver.set(key: "number", value: 42)
            #expect(try await driver.get(key: "number", as: Int.self) == 42)
        },
        PersistContract("another type is an invalid conversion, and the value stays") { driver, _ in
            let cart = Cart(items: [], total: 0)
            try await driver.set(key: "cart", value: cart)
            await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: "cart", as: String.self) }
            await #expect(throws: PersistError.invalidConversion) {
                try await driver.getWithTTL(key: "cart", as: String.self)
            }
            #expect(try await driver.get(key: "cart", as: Cart.self) == cart)
        },
        PersistContract("what was removed is gone, and may be created again") { driver, _ in
            try await driver.set(key: "k", value: "a", expires: .seconds(10))
            try await driver.remove(key: "k")
            #expect(try await driver.get(key: "k", as: String.self) == nil)
            try await driver.remove(key: "k")
            try await driver.create(key: "k", value: "b")
            #expect(try await driver.get(key: "k", as: String.self) == "b")
            #expect(try await driver.getWithTTL(key: "k", as: String.self)?.ttl == nil)
        },
        // How hummingbird-auth's session middleware uses a driver: saved with a time, changed without one.
        PersistContract("sessions of hummingbird-auth") { driver, clock in
            let key = "hbs.kX3/pQ+bT0l5vO9cE7w2sJ4yR1aNqZ6uMfHdGiB8ekY="
            try await driver.set(key: key, value: ["user": "1"], expires: .seconds(3_600))
            clock.advance(by: .seconds(1_800))
            try await driver.set(key: key, value: ["user": "2"], expires: nil)
            let loaded = try await driver.getWithTTL(key: key, as: [String: String].self)
            #expect(loaded?.object == ["user": "2"])
            #expect((loaded?.ttl).map { $0 > .seconds(1_799) && $0 < .seconds(1_801) } == true)
            try await driver.set(key: key, value: ["user": "2"], expires: .seconds(3_600))
            clock.advance(by: .seconds(3_599))
            await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: key, as: Int.self) }
            try await driver.remove(key: key)
            #expect(try await driver.get(key: key, as: [String: String].self) == nil)
        },
    ]
}
#endif
