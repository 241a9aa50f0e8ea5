import Foundation
import Logging
import Memcached
import MemcachedTestSupport
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// How a client ends: by shutdown, by being dropped, with its event loops, and what children inherit of it.
@Suite struct LifetimeTests {
    /// Waits until the server counts no connection of ours; its own control connection is not counted.
    private func waitForNoConnections(_ server: MemcachedProcess) async throws {
        try await eventually("no connection is left") { try await server.connectionCounts().current == 0 }
    }

    @Test func `dropping the last reference closes the sockets, with operations pending`() async throws {
        try await withMemcached { server in
            do {
                let client = try MemcachedClient(MemcachedConfiguration(server))
                try await client.set("key", to: "value")
                #expect(try await server.connectionCounts().current == 1)
                // An operation holds the client while it lasts: nobody loses an answer.
                async let pending = client.get("key", as: String.self)
                #expect(try await pending == "value")
            }
            try await waitForNoConnections(server)
        }
    }

    @Test func `dropping a client whose server is being reached leaves nothing behind`() async throws {
        try await withMemcached { server in
            for _ in 0..<20 {
                let client = try MemcachedClient(MemcachedConfiguration(server))
                let task = Task { _ = try? await client.get("key") }
                task.cancel()
                await task.value
            }
            try await waitForNoConnections(server)
        }
    }

    @Test func `shutdown answers what is in flight and refuses what comes later`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let value = ByteBuffer(repeating: 7, count: 500_000)
            try await client.set("key", to: value)
            let answered = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        do throws(MemcachedError) {
                            return try await client.get("key")?.value == value
                        } catch {
                            // Those that had not been sent are told so, and nothing else.
                            #expect(error.code == .clientShutDown && error.outcome == .notSent)
                            return false
                        }
                    }
                }
                group.addTask {
                    await client.shutdown(within: .seconds(60))
                    return false
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            print("\(answered) of 64 were answered during shutdown")
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .clientShutDown)
            #expect(error?.outcome == .notSent)
            try await waitForNoConnections(server)
            await client.shutdown()
        }
    }

    @Test func `a service group ends the client with the process`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: client)], logger: .init(label: "test"))
            )
            async let running: Void = group.run()
            try await client.set("key", to: "value")
            await group.triggerGracefulShutdown()
            try await running
            #expect(
                await failure { () async throws(MemcachedError) in try await client.noop() }?.code == .clientShutDown
            )
        }
    }

    @Test func `event loops that are shut down under the client fail requests and hang none`() async throws {
        try await withMemcached { server in
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = MemcachedConfiguration(server)
            configuration.eventLoopGroup = loops
            configuration.timeouts.operation = .milliseconds(300)
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value", timeout: .seconds(60))
            try await loops.shutdownGracefully()
            for _ in 0..<3 {
                let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                #expect(error != nil)
            }
        }
    }

    @Test func `a spawned child inherits no socket of ours`() async throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/fd") else { return }
        try await withMemcached { server in
            let port = try #require(server.address.port)
            // The launcher's own connection is there before.
            let before = try descriptors(leadingTo: port)
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("key", to: "value")
            let ours = try descriptors(leadingTo: port).subtracting(before)
            // The channel's, and the one that requests go past it with.
            #expect(ours.count == 2)
            #expect(ours.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
            await client.shutdown()
            // The event loop lets go of the connection in its next turns.
            for _ in 0..<500 {
                if try descriptors(leadingTo: port).isDisjoint(with: ours) { return }
                try await Task.sleep(for: .milliseconds(10))
            }
            Issue.record("a socket has stayed open behind its connection")
        }
    }

    private func descriptors(leadingTo port: Int) throws -> Set<Int32> {
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
        return Set(all.filter { peerPort(of: $0) == port })
    }

    private func peerPort(of descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
