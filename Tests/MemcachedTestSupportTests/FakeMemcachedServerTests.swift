import Foundation
import MemcachedTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct FakeMemcachedServerTests {
    private func set(_ key: String, _ value: String, expiration: UInt8 = 0) -> RawFrame {
        RawFrame(
            opcode: 1,
            extras: [0, 0, 0, 0, 0, 0, 0, expiration],
            key: Array(key.utf8),
            value: Array(value.utf8)
        )
    }

    private func get(_ key: String) -> RawFrame {
        RawFrame(opcode: 0, key: Array(key.utf8))
    }

    @Test func `a client stores and reads, and the test sees it`() async throws {
        let server = try await FakeMemcachedServer.start()
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.exchange(set("a", "1")).status == 0)
        #expect(try await connection.exchange(get("a")).value == Array("1".utf8))
        #expect(server["a"] == .init(value: Array("1".utf8), cas: 1))
        #expect(server.itemCount == 1)
        #expect(server.counts.requests == [1: 1, 0: 1])
        #expect(server.counts.responseFrames == 2)
        server["b"] = .init(value: [5], flags: 6)
        let read = try await connection.exchange(get("b"))
        #expect(read.value == [5])
        #expect(read.extras == [0, 0, 0, 6])
        #expect(read.cas == 2)
        server["b"] = nil
        #expect(try await connection.exchange(get("b")).status == 1)
        server.removeAllItems()
        #expect(server.itemCount == 0)
        await server.stop()
    }

    @Test func `statistics know about connections`() async throws {
        let server = try await FakeMemcachedServer.start()
        let connection = try await RawConnection.connect(to: server.address)
        let statistics = try await connection.statistics()
        #expect(statistics["curr_connections"] == "1")
        #expect(statistics["total_connections"] == "1")
        #expect(statistics["pid"] == String(ProcessInfo.processInfo.processIdentifier))
        #expect(try await connection.statistics("settings")["item_size_max"] == "1048576")
        await connection.close()
        while server.counts.connectionsOpen > 0 { await Task.yield() }
        #expect(server.counts.connectionsAccepted == 1)
        await server.stop()
    }

    @Test func `items expire by the clock of the test`() async throws {
        let clock = ManualClock()
        let server = try await FakeMemcachedServer.start(.init(startTime: 1_000), clock: clock)
        let connection = try await RawConnection.connect(to: server.address)
        _ = try await connection.exchange(set("a", "1", expiration: 60))
        #expect(server["a"]?.expires == 1_060)
        clock.advance(by: .seconds(59))
        #expect(try await connection.exchange(get("a")).status == 0)
        clock.advance(by: .seconds(1))
        #expect(server.now == 1_060)
        #expect(try await connection.exchange(get("a")).status == 1)
        await server.stop()
    }

    @Test func `users have to authenticate`() async throws {
        let server = try await FakeMemcachedServer.start(.init(users: ["alice": "s3cret"]))
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.authenticate(user: "alice", password: "wrong") == 0x20)
        #expect(try await connection.authenticate(user: "alice", password: "s3cret") == 0)
        #expect(try await connection.exchange(set("a", "1")).status == 0)
        let stranger = try await RawConnection.connect(to: server.address)
        #expect(try await stranger.exchange(get("a")).status == 0x20)
        #expect(try await stranger.receiveToEnd().isEmpty)
        server.inject(.refuseSASL)
        let refused = try await RawConnection.connect(to: server.address)
        #expect(try await refused.authenticate(user: "alice", password: "s3cret") == 0x20)
        await server.stop()
    }

    @Test func `limits refuse`() async throws {
        let server = try await FakeMemcachedServer.start(
            .init(itemSizeLimit: 1_024, memoryLimit: 200, hasCAS: false, allowsFlush: false, version: "9.9")
        )
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.exchange(set("a", String(repeating: "x", count: 1_024))).status == 3)
        #expect(try await connection.exchange(set("a", String(repeating: "x", count: 200))).status == 0x82)
        let stored = try await connection.exchange(set("a", "1"))
        #expect(stored.status == 0)
        #expect(stored.cas == 0)
        #expect(try await connection.exchange(RawFrame(opcode: 8)).status == 0x20)
        #expect(try await connection.exchange(RawFrame(opcode: 0x0b)).value == Array("9.9".utf8))
        server["large"] = .init(value: .init(repeating: 1, count: 2_000))
        #expect(try await connection.exchange(get("large")).value.count == 2_000)
        await server.stop()
    }

    @Test func `a script sees each request and decides`() async throws {
        let server = try await FakeMemcachedServer.start { request in
            switch (request.connection, request.number, request.key) {
            case (1, 1, "a"): [.refuse(status: 0x86, text: "Temporary failure")]
            case (1, 2, "a"): [.answer]
            default: [.fault(.wrongOpaque), .answer]
            }
        }
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.exchange(get("a")).status == 0x86)
        #expect(try await connection.exchange(get("a")).status == 1)
        #expect(try await connection.exchange(get("a")).opaque != 0)
        #expect(server.counts.faults == [.wrongOpaque: 1])
        server.script = nil
        #expect(try await connection.exchange(get("a")).opaque == 0)
        server.script = { _ in [.perform, .reset] }
        try await connection.send(set("a", "kept").bytes)
        #expect(try await connection.receiveToEnd().isEmpty)
        #expect(connection.hasFailed)
        #expect(server["a"]?.value == Array("kept".utf8))
        await server.stop()
    }

    @Test func `a fault of the script waits for something to be sent`() async throws {
        let server = try await FakeMemcachedServer.start { request in
            request.key == "quiet" ? [.fault(.duplicate), .answer] : [.answer]
        }
        let connection = try await RawConnection.connect(to: server.address)
        let quiet = RawFrame(opcode: 9, key: Array("quiet".utf8))
        try await connection.send(quiet.bytes + RawFrame(opcode: 0x0a, opaque: 4).bytes)
        #expect(try await connection.receiveFrame().opaque == 4)
        #expect(try await connection.receiveFrame().opaque == 4)
        await server.stop()
    }

    @Test func `a plan and a pause work as on a proxy`() async throws {
        let server = try await FakeMemcachedServer.start(.init(seed: 3))
        let connection = try await RawConnection.connect(to: server.address)
        server.plan = FaultPlan([.init(.swallow, opcodes: [0x0a], limit: 1)])
        #expect(server.plan.rules.count == 1)
        server.pauseResponses()
        try await connection.send(RawFrame(opcode: 0x0a, opaque: 1).bytes + RawFrame(opcode: 0x0a, opaque: 2).bytes)
        while server.counts.responseFrames < 2 { await Task.yield() }
        await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
            try await connection.receive(1, timeout: .milliseconds(20))
        }
        server.resumeResponses()
        #expect(try await connection.receiveFrame().opaque == 2)
        #expect(server.counts.faults == [.swallow: 1])
        server.closeConnections()
        #expect(try await connection.receiveToEnd().isEmpty)
        await server.stop()
    }

    @Test func `a client that ends its half gets its answers and then the end`() async throws {
        let server = try await FakeMemcachedServer.start()
        server.plan = FaultPlan([.init(.delay(.milliseconds(1) ... .milliseconds(2)))])
        let connection = try await RawConnection.connect(to: server.address)
        try await connection.send(RawFrame(opcode: 0x0a).bytes + RawFrame(opcode: 0x0a).bytes)
        try await connection.finishSending()
        #expect(try await connection.receiveToEnd().count == 48)
        await server.stop()
    }

    @Test func `responses far beyond every buffer come whole, also to a client that waits with reading`() async throws {
        let server = try await FakeMemcachedServer.start()
        server["a"] = .init(value: .init(repeating: 1, count: 100_000))
        let connection = try await RawConnection.connect(to: server.address)
        server.pauseResponses()
        try await connection.send(Array(repeatElement(get("a").bytes, count: 500).joined()))
        while server.counts.responseFrames < 500 { await Task.yield() }
        server.resumeResponses()
        for _ in 0..<500 { #expect(try await connection.receiveFrame(timeout: .seconds(30)).value.count == 100_000) }
        await server.stop()
    }

    @Test func `a unix socket works, and the last reference ends the server`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "f-\(UInt32.random(in: 0 ... .max))").path()
        let connection: RawConnection
        do {
            let server = try await FakeMemcachedServer.start(.init(unixSocket: path))
            connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a)).status == 0)
            server.resetConnections()
        }
        #expect(try await connection.receiveToEnd().isEmpty)
    }

    @Test func `a fake server stands behind a proxy`() async throws {
        let server = try await FakeMemcachedServer.start()
        try await withFaultProxy(upstream: server.address) { proxy in
            let connection = try await RawConnection.connect(to: proxy.address)
            let answer = try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 6))
            #expect(answer.opaque == 6)
        }
        await server.stop()
    }
}
