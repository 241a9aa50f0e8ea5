#if HummingbirdSupport
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct OutageTests {
    private static func handler(
        _ server: MemcachedProcess,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> MemcachedSessionHandler {
        try MemcachedSessionHandler(server.address) {
            $0.client.timeouts.operation = .seconds(2)
            configure(&$0)
        }
    }

    @Test func `while the cache does not answer no cookie is sent, and afterwards the old one works`() async throws {
        try await withMemcached { server in
            try await Middleware(try Self.handler(server))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let cookie = visitor.cookie
                    try await server.suspend()
                    for (path, method) in [
                        ("/", .get), ("/quiet", .get), ("/login", .post), ("/logout", .post),
                    ] as [(String, HTTPRequest.Method)] {
                        let page = try await visitor.load(path, method)
                        #expect(page.status == .serviceUnavailable)
                        #expect(page.setCookies.isEmpty)
                        #expect(page.headers[.retryAfter] != nil)
                    }
                    var newcomer = Visitor(client)
                    #expect(try await newcomer.load("/").status == .serviceUnavailable)
                    #expect(newcomer.cookie == nil)
                    try server.resume()
                    #expect(visitor.cookie == cookie)
                    var page = try await visitor.load("/")
                    // Until the connection that stood still has been given up.
                    for _ in 1...300 where page.status != .ok {
                        try await Task.sleep(for: .milliseconds(100))
                        page = try await visitor.load("/")
                    }
                    #expect(page.setCookies.isEmpty)
                    #expect((Int(page.text) ?? 0) >= 2)
                }
        }
    }

    @Test func `a write that is not confirmed is no page`() async throws {
        try await withMemcached { server in
            try await Middleware(try Self.handler(server))
                .serve { group in
                    Site.addRoutes(group)
                    group.get("/late") { _, context in
                        try context.session["count"] = 100
                        await server.kill()
                        return "stored"
                    }
                } _: { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let cookie = visitor.cookie
                    let page = try await visitor.load("/late")
                    #expect(page.status == .serviceUnavailable)
                    #expect(!page.text.contains("stored"))
                    #expect(page.setCookies.isEmpty)
                    #expect(visitor.cookie == cookie)
                }
        }
    }

    @Test func `failing open goes on without the session, and lets nobody log in or out`() async throws {
        try await withMemcached { server in
            try await Middleware(try Self.handler(server) { $0.availability = .failOpen })
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let cookie = visitor.cookie
                    await server.kill()
                    let page = try await visitor.load("/")
                    #expect(page.status == .ok)
                    #expect(page.text == "1")
                    #expect(page.setCookies.isEmpty)
                    for path in ["/login", "/logout"] {
                        let refused = try await visitor.load(path, .post)
                        #expect(refused.status == .serviceUnavailable)
                        #expect(refused.setCookies.isEmpty)
                    }
                    #expect(visitor.cookie == cookie)
                    var newcomer = Visitor(client)
                    #expect(try await newcomer.load("/").status == .ok)
                    #expect(newcomer.cookie == nil)
                }
        }
    }

    @Test func `a session that is locked by somebody else is busy, not lost`() async throws {
        try await withMemcached { server in
            let handler = try Self.handler(server) { $0.locking.retries = 1 }
            let other = try Self.handler(server)
            try await Middleware(handler)
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let browser = visitor
                    _ = try await other.withSession(id: browser.id) { _ in
                        var visitor = browser
                        let page = try await visitor.load("/")
                        #expect(page.status == .serviceUnavailable)
                        #expect(page.headers[.retryAfter] == "1")
                        #expect(page.setCookies.isEmpty)
                    }
                    #expect(try await visitor.load("/").text == "2")
                }
        }
    }
}
#endif
