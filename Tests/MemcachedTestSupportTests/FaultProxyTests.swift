import Foundation
import MemcachedTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct FaultProxyTests {
    private func noops(_ opaques: ClosedRange<UInt32>) -> [UInt8] {
        opaques.flatMap { RawFrame(opcode: 0x0a, opaque: $0).bytes }
    }

    /// Starts a server and a proxy in front of it, and connects to the proxy.
    private func withProxy(
        _ rules: [FaultPlan.Rule] = [],
        _ body: (FaultProxy, RawConnection, MemcachedProcess) async throws -> Void
    ) async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address, plan: FaultPlan(rules), seed: 1) { proxy in
                let connection = try await RawConnection.connect(to: proxy.address)
                try await body(proxy, connection, server)
            }
        }
    }

    @Test func `without faults a proxy is the server and counts what passes`() async throws {
        try await withProxy { proxy, connection, server in
            try await connection.send(noops(1...3))
            for opaque in UInt32(1)...3 { #expect(try await connection.receiveFrame().opaque == opaque) }
            var counts = FaultProxy.Counts()
            counts.connectionsAccepted = 1
            counts.connectionsOpen = 1
            counts.requestFrames = 3
            counts.responseFrames = 3
            counts.answers = [0x0A: [0: 3]]
            #expect(proxy.counts == counts)
            #expect(try await server.connectionCounts().opened == 1)
            await connection.close()
            while proxy.counts.connectionsOpen > 0 { await Task.yield() }
            while try await server.connectionCounts().current > 0 { await Task.yield() }
        }
    }

    @Test func `a proxy leads to a unix socket and listens on one`() async throws {
        try await withMemcached(.init(unixSocket: true)) { server in
            let path = try #require(server.address.path) + "p"
            let proxy = try await FaultProxy.start(upstream: server.address, unixSocket: path)
            let connection = try await RawConnection.connect(to: proxy.address)
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 5)).opaque == 5)
            proxy.inject(.reset)
            try await connection.send(noops(1...1))
            #expect(try await connection.receiveToEnd().isEmpty)
            await proxy.stop()
        }
    }

    @Test func `every response arrives whole and in order through delays`() async throws {
        try await withProxy([.init(.delay(.zero ... .milliseconds(3)))]) { proxy, connection, _ in
            try await connection.send(noops(1...50))
            for opaque in UInt32(1)...50 { #expect(try await connection.receiveFrame().opaque == opaque) }
            #expect(proxy.counts.faults == [.delay: 50])
        }
    }

    @Test func `large values pass a proxy in both directions while nobody reads`() async throws {
        try await withProxy { _, connection, _ in
            let value = [UInt8](repeating: 7, count: 1_000_000)
            let set = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: [1], value: value)
            #expect(try await connection.exchange(set).status == 0)
            let get = RawFrame(opcode: 0, key: [1]).bytes
            try await connection.send(Array(repeatElement(get, count: 40).joined()))
            for _ in 0..<40 {
                let frame = try await connection.receiveFrame(timeout: .seconds(30))
                #expect(frame.value == value)
            }
        }
    }

    @Test func `an injected fault happens once, to the next frame it fits`() async throws {
        try await withProxy { proxy, connection, _ in
            proxy.inject(.wrongOpaque, opcodes: [0x0b])
            let noop = try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 1))
            let version = try await connection.exchange(RawFrame(opcode: 0x0b, opaque: 2))
            let later = try await connection.exchange(RawFrame(opcode: 0x0b, opaque: 3))
            #expect(noop.opaque == 1)
            #expect(version.opaque != 2)
            #expect(later.opaque == 3)
            #expect(proxy.counts.faults == [.wrongOpaque: 1])
        }
    }

    @Test func `responses change places, come twice and come again`() async throws {
        try await withProxy { proxy, connection, _ in
            proxy.inject(.reorder(within: .seconds(60)))
            try await connection.send(noops(1...2))
            #expect(try await connection.receiveFrame().opaque == 2)
            #expect(try await connection.receiveFrame().opaque == 1)
            proxy.inject(.duplicate)
            try await connection.send(noops(3...3))
            #expect(try await connection.receiveFrame().opaque == 3)
            #expect(try await connection.receiveFrame().opaque == 3)
            proxy.inject(.replay)
            try await connection.send(noops(4...4))
            #expect([1, 2, 3].contains(try await connection.receiveFrame().opaque))
            #expect(try await connection.receiveFrame().opaque == 4)
            #expect(proxy.counts.faults == [.reorder: 1, .duplicate: 1, .replay: 1])
        }
    }

    @Test func `a split frame comes in two pieces`() async throws {
        try await withProxy { proxy, connection, _ in
            proxy.inject(.split(at: 10))
            proxy.inject(.stall(.zero))
            try await connection.send(noops(1...1))
            #expect(try await connection.receive(10) == [0x81, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0])
            #expect(try await connection.receive(14).count == 14)
        }
    }

    @Test func `a reset reaches the client as a reset, a close as an end`() async throws {
        try await withProxy { proxy, connection, server in
            proxy.inject(.reset)
            try await connection.send(noops(1...1))
            #expect(try await connection.receiveToEnd().isEmpty)
            #expect(connection.hasFailed)
            let other = try await RawConnection.connect(to: proxy.address)
            proxy.inject(.close)
            try await other.send(noops(1...1))
            #expect(try await other.receiveToEnd().isEmpty)
            #expect(!other.hasFailed)
            while try await server.connectionCounts().current > 0 { await Task.yield() }
            #expect(proxy.counts.connectionsOpen == 0)
        }
    }

    @Test func `a truncated response ends inside the frame`() async throws {
        try await withProxy { proxy, connection, _ in
            proxy.inject(FaultPlan.Rule(.truncate(to: 30), opcodes: [0x0b], skipping: 1, limit: 1))
            try await connection.send(RawFrame(opcode: 0x0b).bytes + RawFrame(opcode: 0x0b).bytes)
            let first = try await connection.receiveFrame()
            #expect(try await connection.receiveToEnd() == Array(first.bytes.prefix(30)))
        }
    }

    @Test func `after a half-close the server still hears the client`() async throws {
        try await withProxy { proxy, connection, server in
            proxy.inject(.halfClose)
            try await connection.send(noops(1...1))
            #expect(try await connection.receiveToEnd().isEmpty)
            let set = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: [1], value: [2])
            try await connection.send(set.bytes)
            while try await server.stat("curr_items") == 0 { await Task.yield() }
        }
    }

    @Test func `what is dropped was done by the server`() async throws {
        try await withProxy([.init(.dropRest)]) { proxy, connection, server in
            let set = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: [1], value: [2])
            try await connection.send(set.bytes)
            while try await server.stat("curr_items") == 0 { await Task.yield() }
            while proxy.counts.responseFrames == 0 { await Task.yield() }
            proxy.plan = .none
            try await connection.send(noops(1...1))
            await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
                try await connection.receive(1, timeout: .milliseconds(50))
            }
            #expect(proxy.counts.faults == [.dropRest: 1])
        }
    }

    @Test func `a request can be lost before the server sees it`() async throws {
        try await withProxy([.init(.swallow, to: .requests, opcodes: [1])]) { proxy, connection, server in
            let set = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: [1], value: [2])
            try await connection.send(set.bytes + noops(9...9))
            #expect(try await connection.receiveFrame().opaque == 9)
            #expect(try await server.stat("curr_items") == 0)
            #expect(proxy.counts.requestFrames == 2)
        }
    }

    @Test func `paused responses come when they are let go`() async throws {
        try await withProxy { proxy, connection, server in
            proxy.pauseResponses()
            try await connection.send(noops(1...2))
            while proxy.counts.responseFrames < 2 { await Task.yield() }
            await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
                try await connection.receive(1, timeout: .milliseconds(20))
            }
            proxy.resumeResponses()
            #expect(try await connection.receiveFrame().opaque == 1)
            #expect(try await connection.receiveFrame().opaque == 2)
        }
    }

    @Test func `SASL is refused or slowed only where it should be`() async throws {
        try await withMemcached(.init(sasl: .init(user: "alice", password: "s3cret"))) { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                proxy.inject(.refuseSASL)
                let refused = try await RawConnection.connect(to: proxy.address)
                #expect(try await refused.authenticate(user: "alice", password: "s3cret") == 0x20)
                proxy.inject(.slowSASL(.milliseconds(5)))
                let accepted = try await RawConnection.connect(to: proxy.address)
                #expect(try await accepted.authenticate(user: "alice", password: "s3cret") == 0)
                #expect(try await accepted.exchange(RawFrame(opcode: 0x0a)).status == 0)
                #expect(proxy.counts.faults == [.refuseSASL: 1, .slowSASL: 1])
            }
        }
    }

    @Test func `text from the server passes as it is`() async throws {
        try await withMemcached(.init(arguments: ["-B", "ascii"])) { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let connection = try await RawConnection.connect(to: proxy.address)
                try await connection.send(noops(1...1))
                #expect(try await connection.receiveLine() == "ERROR")
                #expect(proxy.counts.responseFrames == 0)
            }
        }
    }

    @Test func `a raw proxy passes what it does not understand`() async throws {
        try await withMemcached { server in
            let proxy = try await FaultProxy.start(upstream: server.address, isRaw: true)
            let connection = try await RawConnection.connect(to: proxy.address)
            try await connection.send(Array("version\r\n".utf8))
            #expect(try await connection.receiveLine().hasPrefix("VERSION"))
            proxy.inject(.duplicate)
            try await connection.send(Array("mn\r\n".utf8))
            #expect(try await connection.receiveLine() == "MN")
            #expect(try await connection.receiveLine() == "MN")
            await proxy.stop()
        }
    }

    @Test func `a client that ends its half gets its answers first`() async throws {
        try await withProxy([.init(.delay(.milliseconds(2) ... .milliseconds(4)))]) { proxy, connection, _ in
            try await connection.send(noops(1...3))
            try await connection.finishSending()
            #expect(try await connection.receiveToEnd().count == 72)
            while proxy.counts.connectionsOpen > 0 { await Task.yield() }
        }
    }

    @Test func `a server that dies takes its clients with it`() async throws {
        try await withProxy { proxy, connection, server in
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
            await server.kill()
            #expect(try await connection.receiveToEnd().isEmpty)
            let late = try await RawConnection.connect(to: proxy.address)
            #expect(try await late.receiveToEnd().isEmpty)
            #expect(proxy.counts.upstreamFailures == 1)
            try await server.restart()
            let again = try await RawConnection.connect(to: proxy.address)
            #expect(try await again.exchange(RawFrame(opcode: 0x0a, opaque: 8)).opaque == 8)
        }
    }

    @Test func `clients are ignored or refused on demand and open connections stay`() async throws {
        try await withProxy { proxy, connection, server in
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 2)).opaque == 2)
            try await proxy.setAcceptMode(.ignore)
            let ignored = try await RawConnection.connect(to: proxy.address)
            try await ignored.send(noops(1...1))
            await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
                try await ignored.receive(1, timeout: .milliseconds(30))
            }
            try await proxy.setAcceptMode(.refuse)
            // The reset may come while connecting or right after it.
            if let refused = try? await RawConnection.connect(to: proxy.address) {
                #expect(try await refused.receiveToEnd().isEmpty)
                #expect(refused.hasFailed)
            }
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 3)).opaque == 3)
            #expect(try await server.connectionCounts().opened == 1)
            try await proxy.setAcceptMode(.forward)
            let forwarded = try await RawConnection.connect(to: proxy.address)
            #expect(try await forwarded.exchange(RawFrame(opcode: 0x0a, opaque: 4)).opaque == 4)
        }
    }

    @Test func `connecting hangs on demand and works again afterwards`() async throws {
        try await withProxy { proxy, connection, _ in
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 3)).opaque == 3)
            try await proxy.setAcceptMode(.hang)
            let error = await #expect(throws: MemcachedTestSupportError.self) {
                try await RawConnection.connect(to: proxy.address, timeout: .milliseconds(100))
            }
            #expect(error?.message.contains("imeout") == true, "\(error?.message ?? "")")
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a, opaque: 4)).opaque == 4)
            try await proxy.setAcceptMode(.forward)
            let late = try await RawConnection.connect(to: proxy.address)
            #expect(try await late.exchange(RawFrame(opcode: 0x0a, opaque: 5)).opaque == 5)
            #expect(proxy.counts.connectionsAccepted == 2)
        }
    }

    @Test func `all connections are ended on demand`() async throws {
        try await withProxy { proxy, connection, _ in
            let other = try await RawConnection.connect(to: proxy.address)
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
            _ = try await other.exchange(RawFrame(opcode: 0x0a))
            proxy.resetConnections()
            #expect(try await connection.receiveToEnd().isEmpty)
            #expect(try await other.receiveToEnd().isEmpty)
            #expect(connection.hasFailed && other.hasFailed)
            let third = try await RawConnection.connect(to: proxy.address)
            _ = try await third.exchange(RawFrame(opcode: 0x0a))
            proxy.closeConnections()
            #expect(try await third.receiveToEnd().isEmpty)
            #expect(!third.hasFailed)
        }
    }

    @Test func `a proxy can be pointed at another server`() async throws {
        try await withProxy { proxy, connection, _ in
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
            try await withMemcached { second in
                proxy.upstream = second.address
                let other = try await RawConnection.connect(to: proxy.address)
                _ = try await other.exchange(RawFrame(opcode: 0x0a))
                #expect(try await second.connectionCounts().opened == 1)
            }
        }
    }

    @Test func `a stopped proxy accepts nobody`() async throws {
        try await withMemcached { server in
            let proxy = try await FaultProxy.start(upstream: server.address)
            let connection = try await RawConnection.connect(to: proxy.address)
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
            await proxy.stop()
            #expect(try await connection.receiveToEnd().isEmpty)
            await #expect(throws: MemcachedTestSupportError(.connectionClosed, "")) {
                try await RawConnection.connect(to: proxy.address)
            }
        }
    }
}
