import HTTPExchange
import NIOHTTP1
import Testing

struct HTTPClientTests {
    private let request = HTTPRequest(.GET, "/path?query", headers: ["X-Header": "1"])

    @Test func `a request brings its response`() async throws {
        try await Backend.run("one") { backend in
            let response = try await HTTPClient().send(request, to: backend.address)
            #expect(response.status == .ok)
            #expect(response.text == "one")
            #expect(response.headers["Set-Cookie"] == ["a=1"])
            let head = try #require(backend.requests.first)
            #expect(head.uri == "/path?query")
            #expect(head.headers["X-Header"] == ["1"])
            #expect(head.headers["Host"] == ["\(backend.address)"])
        }
    }

    @Test func `where nobody listens nothing was sent`() async throws {
        let address = try await Backend.nobody()
        let error = await #expect(throws: HTTPExchangeError.self) { try await HTTPClient().send(request, to: address) }
        #expect(error?.kind == .notConnected)
    }

    @Test func `a connection that ends without a response is broken`() async throws {
        try await Backend.run("one", .hangsUp) { backend in
            let error = await #expect(throws: HTTPExchangeError.self) {
                try await HTTPClient().send(request, to: backend.address)
            }
            #expect(error?.kind == .broken)
        }
    }

    @Test func `a server that says nothing is waited for only so long`() async throws {
        try await Backend.run("one", .saysNothing) { backend in
            let client = HTTPClient(responseTimeout: .milliseconds(20))
            let error = await #expect(throws: HTTPExchangeError.self) {
                try await client.send(request, to: backend.address)
            }
            #expect(error?.kind == .timeout)
        }
    }

    @Test func `a response that is too long is not kept`() async throws {
        try await Backend.run("too long") { backend in
            let client = HTTPClient(maximumResponseBytes: 7)
            let error = await #expect(throws: HTTPExchangeError.self) {
                try await client.send(request, to: backend.address)
            }
            #expect(error?.kind == .tooLarge)
        }
    }

    @Test func `a cancelled task does not wait`() async throws {
        try await Backend.run("one", .saysNothing) { backend in
            let task = Task { try await HTTPClient().send(request, to: backend.address) }
            task.cancel()
            let error = await #expect(throws: HTTPExchangeError.self) { try await task.value }
            #expect(error?.kind == .broken)
        }
    }
}
