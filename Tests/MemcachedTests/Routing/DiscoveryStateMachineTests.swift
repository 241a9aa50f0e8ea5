import NIOCore
import Testing

@testable import Memcached

/// What lookups mean, and when the next one is due.
@Suite struct DiscoveryStateMachineTests {
    private static func machine() throws -> DiscoveryStateMachine {
        var configuration = try MemcachedConfiguration(servers: "cache.example:11211")
        configuration.backoff.maximum = .seconds(2)
        return DiscoveryStateMachine(
            configuration: configuration,
            name: try #require(configuration.servers.first),
            MemcachedConfiguration.Discovery(interval: .seconds(40))
        )
    }

    private static func servers(_ addresses: String...) -> [MemcachedServer] {
        AddressList.servers(addresses, of: .tcp("cache.example"), .any)
    }

    private static let failed = Result<[String], any Error>.failure(ResolverError(text: "not now"))

    @Test func `what is found takes the place of what was`() throws {
        var machine = try Self.machine()
        #expect(machine.begin() == "cache.example")
        let found = machine.ended(.success(["10.0.0.2", "10.0.0.1"]))
        var step = try #require(found)
        #expect(step.action == .replace(Self.servers("10.0.0.1", "10.0.0.2")))
        #expect(step.next == .seconds(40))
        _ = machine.begin()
        let later = machine.ended(.success(["10.0.0.3"]))
        step = try #require(later)
        #expect(step.action == .replace(Self.servers("10.0.0.3")))
    }

    @Test func `the same addresses in another order are no change`() throws {
        var machine = try Self.machine()
        _ = machine.begin()
        _ = machine.ended(.success(["10.0.0.2", "10.0.0.1"]))
        _ = machine.begin()
        #expect(machine.ended(.success(["10.0.0.1", "10.0.0.2"]))?.action == .keep)
    }

    @Test(arguments: [failed, .success([]), .success(["nothing"])])
    func `a lookup that fails or finds nothing keeps the last list`(result: Result<[String], any Error>) throws {
        var machine = try Self.machine()
        _ = machine.begin()
        _ = machine.ended(.success(["10.0.0.1"]))
        _ = machine.begin()
        let useless = machine.ended(result)
        let step = try #require(useless)
        #expect(step.action == .keep)
        #expect(step.report == .failed)
        #expect(step.next == .seconds(40))
        #expect(machine.servers == Self.servers("10.0.0.1"))
        #expect(machine.failure?.code == .connectionFailed)
        #expect(machine.failure?.outcome == .notSent)
        // An outage is told of when it begins and when it ends.
        _ = machine.begin()
        #expect(machine.ended(result)?.report == DiscoveryStateMachine.Report.none)
        _ = machine.begin()
        let useful = machine.ended(.success(["10.0.0.1"]))
        let recovery = try #require(useful)
        #expect(recovery.action == .keep)
        #expect(recovery.report == .recovered)
        #expect(machine.failure == nil)
    }

    @Test func `before anything is known the next lookup comes soon`() throws {
        var machine = try Self.machine()
        _ = machine.begin()
        let failed = machine.ended(Self.failed)
        let step = try #require(failed)
        #expect(step.action == .keep)
        #expect(step.next == .seconds(2))
        #expect(machine.servers == nil)
    }

    @Test func `there is one lookup at a time, and none after the end`() throws {
        var machine = try Self.machine()
        #expect(machine.begin() != nil)
        #expect(machine.begin() == nil)
        machine.stop()
        #expect(machine.ended(.success(["10.0.0.1"])) == nil)
        #expect(machine.servers == nil)
        #expect(machine.begin() == nil)
    }
}
