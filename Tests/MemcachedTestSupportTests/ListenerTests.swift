import Foundation
import MemcachedTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ListenerTests {
    @Test func `a silent server takes everything and says nothing`() async throws {
        let server = try await SilentServer.start()
        let connection = try await RawConnection.connect(to: server.address)
        try await connection.send(RawFrame(opcode: 0x0b).bytes)
        while server.byteCount < 24 { await Task.yield() }
        #expect(server.connectionCount == 1)
        #expect(!connection.isEnded)
        await server.stop()
        #expect(try await connection.receiveToEnd().isEmpty)
    }

    @Test func `a text server speaks at once and closes`() async throws {
        let server = try await TextServer.start(TextServer.tooManyConnections)
        let connection = try await RawConnection.connect(to: server.address)
        #expect(try await connection.receiveToEnd() == Array("ERROR Too many open connections\r\n".utf8))
        #expect(server.connectionCount == 1)
        await server.stop()
    }

    @Test func `a text server can wait for a request and stay open`() async throws {
        let server = try await TextServer.start(TextServer.httpBadRequest, waitsForData: true, closes: false)
        let connection = try await RawConnection.connect(to: server.address)
        await #expect(throws: MemcachedTestSupportError(.timeout, "")) {
            try await connection.receive(1, timeout: .milliseconds(20))
        }
        try await connection.send([0x80])
        #expect(try await connection.receiveLine() == "HTTP/1.1 400 Bad Request")
        #expect(!connection.isEnded)
        await server.stop()
    }

    @Test func `a counting listener counts all who came, itself not`() async throws {
        let listener = try await CountingListener.start()
        for _ in 0..<3 { _ = try await RawConnection.connect(to: listener.address) }
        await listener.stop()
        #expect(listener.connectionCount == 3)
        await listener.stop()
        #expect(listener.connectionCount == 3)
        let nobody = try await CountingListener.start()
        await nobody.stop()
        #expect(nobody.connectionCount == 0)
    }

    @Test func `listeners work on unix sockets and end with their last reference`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "l-\(UInt32.random(in: 0 ... .max))").path()
        let connection: RawConnection
        do {
            let server = try await TextServer.start("hello\n", closes: false, unixSocket: path)
            connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.receiveLine() == "hello")
        }
        #expect(try await connection.receiveToEnd().isEmpty)
    }

    @Test func `listening where one cannot is an error`() async throws {
        await #expect(throws: MemcachedTestSupportError(.system, "")) {
            try await SilentServer.start(unixSocket: "/no/such/folder/socket")
        }
    }
}
