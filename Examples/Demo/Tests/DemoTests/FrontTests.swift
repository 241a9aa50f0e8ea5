import HTTPExchange
import NIOCore
import NIOHTTP1
import RoundRobinFront
import Synchronization
import Testing

struct FrontTests {
    /// Runs a front for the length of a closure.
    private func withFront<Value>(
        _ backends: [HTTPServerAddress],
        limits: Limits = Limits(),
        onResponse: @escaping @Sendable (HTTPResponse) -> Void = { _ in },
        _ body: (HTTPServerAddress) async throws -> Value
    ) async throws -> Value {
        let front = try await Front.bind(backends: backends, limits: limits, onResponse: onResponse)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await front.run() }
            defer { group.cancelAll() }
            return try await body(front.address)
        }
    }

    private func get(_ address: HTTPServerAddress, _ method: HTTPMethod = .GET) async throws -> HTTPResponse {
        try await HTTPClient().send(HTTPRequest(method, "/"), to: address)
    }

    @Test func `requests go to the processes in turn`() async throws {
        try await Backend.run("one") { one in
            try await Backend.run("two") { two in
                try await withFront([one.address, two.address]) { front in
                    var names: [String] = []
                    for _ in 0..<4 { names.append(try await get(front).text) }
                    #expect(names == ["one", "two", "one", "two"])
                }
            }
        }
    }

    @Test func `a process that takes no connection is passed over`() async throws {
        let nobody = try await Backend.nobody()
        try await Backend.run("one") { one in
            try await Backend.run("two") { two in
                try await withFront([one.address, nobody, two.address]) { front in
                    var names: [String] = []
                    for _ in 0..<4 { names.append(try await get(front).text) }
                    #expect(names == ["one", "two", "one", "two"])
                }
            }
        }
    }

    @Test func `a request that was sent is not sent again`() async throws {
        try await Backend.run("one", .hangsUp) { one in
            try await Backend.run("two") { two in
                try await withFront([one.address, two.address]) { front in
                    let response = try await get(front, .POST)
                    #expect(response.status == .badGateway)
                    #expect(one.requests.count == 1)
                    #expect(two.requests.isEmpty)
                }
            }
        }
    }

    @Test func `without processes the front says so, and sets no cookie`() async throws {
        let nobody = try await Backend.nobody()
        try await withFront([nobody]) { front in
            let response = try await get(front)
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers["Set-Cookie"].isEmpty)
            #expect(response.headers["Cache-Control"] == ["no-store"])
        }
    }

    @Test func `the process sees the client's address and the host it asked for`() async throws {
        try await Backend.run("one") { one in
            try await withFront([one.address]) { front in
                let request = HTTPRequest(.GET, "/", headers: ["Host": "example.org", "X-Forwarded-For": "10.0.0.1"])
                _ = try await HTTPClient().send(request, to: front)
                let head = try #require(one.requests.first)
                #expect(head.headers["X-Forwarded-For"] == ["127.0.0.1"])
                #expect(head.headers["X-Forwarded-Host"] == ["example.org"])
                #expect(head.headers["Host"] == ["example.org"])
            }
        }
    }

    @Test func `a body over the limit is refused and reaches nobody`() async throws {
        var limits = Limits()
        limits.requestBytes = 8
        try await Backend.run("one") { one in
            try await withFront([one.address], limits: limits) { front in
                var statuses: [HTTPResponseStatus] = []
                for count in [8, 9] {
                    let request = HTTPRequest(.POST, "/", body: ByteBuffer(repeating: 1, count: count))
                    statuses.append(try await HTTPClient().send(request, to: front).status)
                }
                #expect(statuses == [.ok, .payloadTooLarge])
                #expect(one.requests.count == 1)
            }
        }
    }

    @Test func `an answer to HEAD has no body`() async throws {
        try await Backend.run("one") { one in
            try await withFront([one.address]) { front in
                let response = try await get(front, .HEAD)
                #expect(response.status == .ok)
                #expect(response.text.isEmpty)
            }
        }
    }

    @Test func `each response of a process is shown, none of the front's own`() async throws {
        let seen = Seen()
        let nobody = try await Backend.nobody()
        try await Backend.run("one") { one in
            try await withFront([one.address], onResponse: { seen.note($0) }) { front in _ = try await get(front) }
            try await withFront([nobody], onResponse: { seen.note($0) }) { front in _ = try await get(front) }
        }
        #expect(seen.texts.withLock { $0 } == ["one"])
    }

    @Test func `many requests at once are all answered`() async throws {
        try await Backend.run("one") { one in
            try await Backend.run("two") { two in
                try await withFront([one.address, two.address]) { front in
                    let texts = try await withThrowingTaskGroup(of: String.self) { group in
                        for _ in 0..<60 { group.addTask { try await get(front).text } }
                        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                    }
                    #expect(texts == ["one": 30, "two": 30])
                }
            }
        }
    }

    private final class Seen: Sendable {
        let texts = Mutex<[String]>([])

        func note(_ response: HTTPResponse) {
            texts.withLock { $0.append(response.text) }
        }
    }
}
