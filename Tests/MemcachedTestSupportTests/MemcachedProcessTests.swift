import Foundation
import MemcachedTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct MemcachedProcessTests {
    @Test func `a plain server answers on its own free port`() async throws {
        try await withMemcached { server in
            let connection = try await RawConnection.connect(to: server.address)
            let answer = try await connection.exchange(RawFrame(opcode: 0x0b, opaque: 7))
            #expect(answer.status == 0)
            #expect(answer.opaque == 7)
            #expect(!answer.value.isEmpty)
            #expect(server.address.host == "127.0.0.1")
            #expect(server.address == server.plainAddress)
        }
    }

    @Test func `two servers at once have two addresses`() async throws {
        async let first = MemcachedProcess.start()
        async let second = MemcachedProcess.start()
        let (one, two) = try await (first, second)
        #expect(one.address != two.address)
        await one.stop()
        await two.stop()
    }

    @Test func `a server listens on IPv6 when asked to`() async throws {
        try await withMemcached(.init(host: "::1")) { server in
            #expect(server.address.description.hasPrefix("[::1]:"))
            _ = try await RawConnection.connect(to: server.address).exchange(RawFrame(opcode: 0x0a))
        }
    }

    @Test func `a unix socket server answers on its socket and removes it when stopped`() async throws {
        let server = try await MemcachedProcess.start(.init(unixSocket: true))
        let path = try #require(server.address.path)
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.exchange(RawFrame(opcode: 0x0a)).status == 0)
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent))
    }

    @Test func `a SASL server knows its user and refuses others`() async throws {
        let users: [MemcachedProcess.SASL.User] = [
            .init(name: "alice", password: "s3cret"),
            .init(name: "bob", password: "other", realm: "example.org"),
        ]
        try await withMemcached(.init(sasl: .init(users: users))) { server in
            let connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.authenticate(user: "alice", password: "wrong") == 0x20)
            #expect(try await connection.authenticate(user: "bob@example.org", password: "other") == 0)
            #expect(try await connection.exchange(RawFrame(opcode: 0x0a)).status == 0)
            let counts = try await server.connectionCounts()
            #expect(counts.authentications == 2)
            #expect(counts.refusedAuthentications == 1)
            let stranger = try await RawConnection.connect(to: server.address)
            #expect(try await stranger.exchange(RawFrame(opcode: 0x0a)).status == 0x20)
        }
    }

    @Test func `a SASL server on a unix socket works too`() async throws {
        let options = MemcachedProcess.Options(sasl: .init(user: "dörte", password: "pé€ w"), unixSocket: true)
        try await withMemcached(options) { server in
            let connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.authenticate(user: "dörte", password: "pé€ w") == 0)
        }
    }

    @Test func `a password never appears where a user is printed`() {
        let sasl = MemcachedProcess.SASL(user: "alice", password: "s3cret")
        var dumped = ""
        dump(MemcachedProcess.Options(sasl: sasl), to: &dumped)
        #expect(!dumped.contains("s3cret"))
        #expect(!"\(sasl)".contains("s3cret"))
        #expect(!String(reflecting: sasl).contains("s3cret"))
    }

    @Test func `connection counts leave out the launcher`() async throws {
        try await withMemcached { server in
            #expect(try await server.connectionCounts() == .init())
            let connection = try await RawConnection.connect(to: server.address)
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
            let other = try await RawConnection.connect(to: server.address)
            _ = try await other.exchange(RawFrame(opcode: 0x0a))
            #expect(try await server.connectionCounts() == .init(opened: 2, current: 2))
            await other.close()
            while try await server.connectionCounts().current > 1 { await Task.yield() }
            #expect(try await server.connectionCounts() == .init(opened: 2, current: 1))
        }
    }

    @Test func `connection counts survive the server's idle timeout`() async throws {
        try await withMemcached(.init(arguments: ["-o", "idle_timeout=1"])) { server in
            let connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.receiveToEnd(timeout: .seconds(20)).isEmpty)
            while try await server.connectionCounts().current != 0 { await Task.yield() }
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `statistics come in groups`() async throws {
        try await withMemcached(.init(arguments: ["-c", "64", "-C"])) { server in
            let settings = try await server.stats("settings")
            #expect(settings["maxconns"] == "64")
            #expect(settings["cas_enabled"] == "no")
            #expect(try await server.stat("curr_items") == 0)
            await #expect(throws: MemcachedTestSupportError(.unexpectedAnswer, "")) {
                try await server.stat("no such statistic")
            }
            await #expect(throws: MemcachedTestSupportError(.unexpectedAnswer, "")) {
                try await server.stats("no such group")
            }
        }
    }

    @Test func `a server that speaks text only is ready and counted as well`() async throws {
        try await withMemcached(.init(arguments: ["-B", "ascii"])) { server in
            let connection = try await RawConnection.connect(to: server.address)
            try await connection.send(Array("version\r\n".utf8))
            #expect(try await connection.receiveLine().hasPrefix("VERSION 1."))
            #expect(try await server.stats("settings")["binding_protocol"] == "ascii")
            #expect(try await server.connectionCounts() == .init(opened: 1, current: 1))
        }
    }

    @Test func `a suspended server accepts and answers when resumed`() async throws {
        try await withMemcached { server in
            try await server.suspend()
            try await server.suspend()
            #expect(server.isRunning)
            let connection = try await RawConnection.connect(to: server.address)
            try await connection.send(RawFrame(opcode: 0x0a).bytes)
            await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
                try await connection.receiveFrame(timeout: .milliseconds(50))
            }
            try server.resume()
            #expect(try await connection.receiveFrame().status == 0)
        }
    }

    @Test func `a suspended server can be stopped`() async throws {
        let server = try await MemcachedProcess.start()
        try await server.suspend()
        await server.stop()
        #expect(!server.isRunning)
    }

    @Test(arguments: [false, true])
    func `a restarted server is empty, at the same address and another process`(unixSocket: Bool) async throws {
        let options = MemcachedProcess.Options(sasl: .init(user: "u", password: "p"), unixSocket: unixSocket)
        try await withMemcached(options) { server in
            let address = server.address
            let before = try #require(server.processIdentifier)
            let set = RawFrame(opcode: 1, extras: .init(repeating: 0, count: 8), key: [1], value: [2])
            let connection = try await RawConnection.connect(to: address)
            #expect(try await connection.authenticate(user: "u", password: "p") == 0)
            #expect(try await connection.exchange(set).status == 0)
            #expect(try await server.stat("curr_items") == 1)
            try await server.restart()
            #expect(server.address == address)
            #expect(server.processIdentifier != before)
            #expect(try await server.stat("curr_items") == 0)
            #expect(try await connection.receiveToEnd().isEmpty)
        }
    }

    @Test func `a server that was stopped or killed is gone and can be started again`() async throws {
        let server = try await MemcachedProcess.start(.init(sasl: .init(user: "u", password: "p")))
        for ending in [MemcachedProcess.stop, MemcachedProcess.kill] {
            await ending(server)()
            await ending(server)()
            #expect(server.processIdentifier == nil)
            await #expect(throws: MemcachedTestSupportError(.notRunning, "")) { try await server.stats() }
            await #expect(throws: MemcachedTestSupportError(.notRunning, "")) { try await server.suspend() }
            #expect(throws: MemcachedTestSupportError(.notRunning, "")) { try server.resume() }
            await #expect(throws: MemcachedTestSupportError(.connectionClosed, "")) {
                try await RawConnection.connect(to: server.address)
            }
            try await server.restart()
            #expect(try await server.connectionCounts() == .init())
        }
        await server.stop()
    }

    @Test func `a server whose last reference is dropped ends`() async throws {
        let address: TestServerAddress
        let connection: RawConnection
        do {
            let server = try await MemcachedProcess.start()
            address = server.address
            connection = try await RawConnection.connect(to: address)
            _ = try await connection.exchange(RawFrame(opcode: 0x0a))
        }
        #expect(try await connection.receiveToEnd().isEmpty)
    }

    @Test func `a scoped server is stopped when the closure throws`() async throws {
        struct Failure: Error {}
        var kept: MemcachedProcess?
        await #expect(throws: Failure.self) {
            try await withMemcached { server in
                kept = server
                throw Failure()
            }
        }
        #expect(try #require(kept).isRunning == false)
    }

    @Test func `a missing program is an error that says what to install`() async throws {
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await MemcachedProcess.start(.init(executable: "memcached-that-is-not-there"))
        }
        #expect(error?.code == .memcachedMissing)
        #expect(error?.message.contains("apt-get install memcached") == true)
    }

    @Test func `a server that does not start is an error with what it printed`() async throws {
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await MemcachedProcess.start(.init(arguments: ["--no-such-flag"]))
        }
        #expect(error?.code == .serverDidNotStart)
        #expect(error?.message.contains("no-such-flag") == true)
    }

    @Test func `a program that never answers is an error after the timeout`() async throws {
        let script = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sh")
        defer { try? FileManager.default.removeItem(at: script) }
        try Data("#!/bin/sh\nexec sleep 1000\n".utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script.path)
        let options = MemcachedProcess.Options(executable: script.path, startTimeout: .milliseconds(50))
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await MemcachedProcess.start(options)
        }
        #expect(error?.code == .serverDidNotStart)
        #expect(error?.message.contains("did not answer within") == true)
    }
}
