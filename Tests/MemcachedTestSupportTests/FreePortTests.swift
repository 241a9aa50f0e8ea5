import Testing

@testable import MemcachedTestSupport

@Suite struct FreePortTests {
    @Test func `a port is picked for one at a time`() throws {
        // Of 12,001 numbers, 500 at random are never all different.
        let ports = try (0..<500).map { _ in try FreePort.pick(host: "127.0.0.1") }
        #expect(Set(ports.map(\.number)).count == 500)
    }

    @Test func `a port is kept until it is let go`() throws {
        var ports = try (0..<100).map { _ in try FreePort.pick(host: "127.0.0.1") }
        let numbers = ports.map(\.number)
        #expect(numbers.allSatisfy { FreePort.isKept($0) })
        ports = []
        // Another test may have picked one of them since.
        #expect(numbers.count { FreePort.isKept($0) } < 50)
    }
}
