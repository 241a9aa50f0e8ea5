import Memcached
import MemcachedTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Tracing

/// Code that runs on the event loops itself: where it runs, which connections it gets, and that it ends.
@Suite struct LocalExecutorTests {
    /// The loop that this runs on.
    private static var here: ObjectIdentifier? {
        MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
    }

    @Test func `operations inside stay on one event loop, child tasks too, and a new task does not`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(Self.here == nil)
            try await client.withLocalExecutor {
                let home = try #require(Self.here)
                try await client.set("key", to: "value")
                for _ in 0..<20 {
                    #expect(try await client.get("key", as: String.self) == "value")
                    #expect(Self.here == home)
                }
                let many = try await client.get(["key", "none"], as: String.self)
                #expect(many == ["key": "value"] && Self.here == home)
                async let child = (try client.get("key", as: String.self), Self.here)
                #expect(try await child == ("value", home))
                let places = try await withThrowingTaskGroup(of: ObjectIdentifier?.self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            _ = try await client.get("key")
                            return Self.here
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(places == [home])
                #expect(await Task { Self.here }.value == nil)
                #expect(Self.here == home)
            }
            #expect(Self.here == nil)
            // All of it went over the one connection of that loop.
            #expect(client.status.servers.first?.connections.count == 1)
            #expect(try await server.connectionCounts().current == 1)
        }
    }

    private enum Mark: ServiceContextKey { typealias Value = Int }

    @Test func `what is done whatever becomes of its caller stays on the caller's event loop, with its context`()
        async throws
    {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            var context = ServiceContext.topLevel
            context[Mark.self] = 7
            try await ServiceContext.withValue(context) {
                try await client.withLocalExecutor {
                    let home = try #require(Self.here)
                    let task = Task.detachedHere {
                        let first = Self.here
                        _ = try? await client.get("key")
                        return (first, Self.here, ServiceContext.current?[Mark.self], Task<Never, Never>.isCancelled)
                    }
                    let (first, second, mark, isCancelled) = await task.value
                    #expect(first == home && second == home)
                    #expect(mark == 7)
                    #expect(!isCancelled)
                }
            }
            #expect(await Task.detachedHere { Self.here }.value == nil)
        }
    }

    private actor Visitor {
        func visit(_ client: MemcachedClient) async throws -> ObjectIdentifier? {
            try await client.withLocalExecutor {
                _ = try await client.get("key")
                return LocalExecutorTests.here
            }
        }
    }

    @Test func `a call from an actor leaves the actor`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            #expect(try await Visitor().visit(client) != nil)
        }
    }

    @Test func `nested calls stay where they are, another client's too`() async throws {
        try await withMemcached { server in
            let first = try MemcachedClient(MemcachedConfiguration(server))
            let second = try MemcachedClient(MemcachedConfiguration(server))
            let places = try await first.withLocalExecutor {
                let outer = Self.here
                let inner = try await first.withLocalExecutor {
                    _ = try await first.get("key")
                    return try await second.withLocalExecutor {
                        _ = try await second.get("key")
                        return Self.here
                    }
                }
                _ = try await first.get("key")
                return [outer, inner, Self.here]
            }
            #expect(places[0] != nil)
            #expect(Set(places).count == 1)
        }
    }

    @Test func `callers on loops and elsewhere make no more connections than there may be`() async throws {
        try await withMemcached { server in
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            var configuration = MemcachedConfiguration(server)
            configuration.eventLoopGroup = loops
            let client = try MemcachedClient(configuration)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        try await client.set("key:\(number)", to: number)
                        let found = try await client.withLocalExecutor {
                            try await client.get("key:\(number)", as: Int.self)
                        }
                        #expect(found == number)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.status.servers.first?.connections.count == 3)
            #expect(try await server.connectionCounts().current == 3)
            await client.shutdown()
            try await loops.shutdownGracefully()
        }
    }

    @Test func `without connections of their own, loops share those of everybody`() async throws {
        try await withMemcached { server in
            var configuration = MemcachedConfiguration(server)
            configuration.pool.connectionsPerLoop = 0
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value")
            let places = try await client.withLocalExecutor {
                let before = Self.here
                _ = try await client.get("key")
                return [before, Self.here]
            }
            #expect(places[0] != nil && places[0] == places[1])
            #expect(try await server.connectionCounts().current == 1)
        }
    }

    /// An actor that lives on an event loop, as those of servers on NIO do.
    private actor Resident {
        private let eventLoop: any EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

        init(_ eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
        }

        func read(_ client: MemcachedClient) async throws -> Bool {
            try await client.set("key", to: "value")
            let value = try await client.get("key", as: String.self)
            return eventLoop.inEventLoop && value == "value"
        }
    }

    @Test func `code that lives on a loop of the group given gets a connection of that loop`() async throws {
        try await withMemcached { server in
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            var configuration = MemcachedConfiguration(server)
            configuration.eventLoopGroup = loops
            let client = try MemcachedClient(configuration)
            var count = 0
            for eventLoop in loops.makeIterator() {
                #expect(try await Resident(eventLoop).read(client))
                count += 1
                #expect(client.status.servers.first?.connections.count == count)
            }
            await client.shutdown()
            try await loops.shutdownGracefully()
        }
    }

    @Test func `shutdown inside hangs nobody`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let error = try await client.withLocalExecutor {
                try await client.set("key", to: "value")
                async let pending = try? client.get("key", as: String.self)
                await client.shutdown()
                _ = await pending
                return await failure { () async throws(MemcachedError) in try await client.get("key") }
            }
            #expect(error?.code == .clientShutDown)
        }
    }

    @Test func `when its loop is shut down, the code goes on elsewhere`() async throws {
        try await withMemcached { server in
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = MemcachedConfiguration(server)
            configuration.eventLoopGroup = loops
            configuration.timeouts.operation = .milliseconds(300)
            let client = try MemcachedClient(configuration)
            let isRunning = Atomic<Bool>(false)
            let isOver = Atomic<Bool>(false)
            async let place = client.withLocalExecutor { () -> ObjectIdentifier? in
                isRunning.store(true, ordering: .relaxed)
                while !isOver.load(ordering: .relaxed) {
                    _ = try? await client.get("key")
                    await Task.yield()
                }
                return Self.here
            }
            while !isRunning.load(ordering: .relaxed) { await Task.yield() }
            try await loops.shutdownGracefully()
            isOver.store(true, ordering: .relaxed)
            #expect(await place == nil)
        }
    }
}
