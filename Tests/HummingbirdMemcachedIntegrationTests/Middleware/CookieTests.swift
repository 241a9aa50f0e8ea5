#if HummingbirdSupport
import HTTPTypes
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct CookieTests {
    @Test func `a session is counted under one cookie, which is set once`() async throws {
        try await withMemcached { server in
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    let first = try await visitor.load("/")
                    #expect(first.text == "1")
                    let set = try #require(first.setCookies.first)
                    #expect(
                        set.wholeMatch(of: /PHPSESSID=[0-9a-v]{32}; Path=\/; Secure; HttpOnly; SameSite=Lax/) != nil
                    )
                    #expect(first.headers[.cacheControl] == "no-store")
                    for count in 2...5 {
                        let page = try await visitor.load("/")
                        #expect(page.text == "\(count)")
                        #expect(page.setCookies.isEmpty)
                        #expect(page.headers[.cacheControl] == nil)
                    }
                }
        }
    }

    @Test func `name, path, domain and lifetime are those of the settings, also when it is cleared`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) {
                $0.cookie.name = "shop"
                $0.cookie.path = "/"
                $0.cookie.domain = "example.org"
                $0.cookie.lifetime = .seconds(600)
                $0.cookie.secure = .never
            }
            try await Middleware(handler)
                .serve { client in
                    var visitor = Visitor(client)
                    let set = try await visitor.load("/").setCookies.first ?? ""
                    #expect(set.hasPrefix("shop="))
                    #expect(set.hasSuffix("; Max-Age=600; Path=/; Domain=example.org; HttpOnly; SameSite=Lax"))
                    let clear = try await visitor.load("/logout", .post).setCookies.first ?? ""
                    #expect(clear.hasPrefix("shop=deleted; "))
                    #expect(clear.hasSuffix("; Max-Age=0; Path=/; Domain=example.org; HttpOnly; SameSite=Lax"))
                }
        }
    }

    @Test func `ten thousand requests without a cookie cost no cache operation and get none`() async throws {
        try await withMemcached { server in
            let before = try await server.stats()
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    for number in 0..<10_000 {
                        // What is no session id counts as none.
                        let cookie =
                            number % 3 == 0
                            ? nil
                            : number % 3 == 1 ? "PHPSESSID=short" : "PHPSESSID=lock.0123456789abcdef0123456789abcdef"
                        var visitor = Visitor(client, cookie: cookie)
                        let page = try await visitor.load("/quiet")
                        guard page.text == "0", page.setCookies.isEmpty else {
                            Issue.record("request \(number) got \(page)")
                            return
                        }
                    }
                }
            let after = try await server.stats()
            for name in ["cmd_get", "cmd_set", "cmd_touch", "cmd_meta", "curr_items", "total_items"] {
                #expect(after[name] == before[name], "\(name)")
            }
            #expect(try await server.connectionCounts().opened == 0)
        }
    }

    @Test func `two cookies of the name count as none`() async throws {
        try await withMemcached { server in
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let cookie = try #require(visitor.cookie)
                    for cookies in ["\(cookie); \(cookie)", "\(cookie); PHPSESSID=0123456789abcdefghijklmnop"] {
                        var twice = Visitor(client, cookie: cookies)
                        let page = try await twice.load("/")
                        #expect(page.text == "1")
                        #expect(page.setCookies.count == 1)
                        #expect(twice.cookie != cookie)
                    }
                    #expect(try await visitor.load("/").text == "2")
                }
        }
    }

    @Test func `a made-up id is not taken over, and its cookie stays until something is stored`() async throws {
        try await withMemcached { server in
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    let forged = "PHPSESSID=0123456789abcdef0123456789abcdef"
                    var visitor = Visitor(client, cookie: forged)
                    let quiet = try await visitor.load("/quiet")
                    #expect(quiet.text == "0")
                    #expect(quiet.setCookies.isEmpty)
                    #expect(try await visitor.load("/").text == "1")
                    #expect(visitor.cookie != forged)
                    #expect(try await visitor.load("/").text == "2")
                }
        }
    }

    @Test func `only a proxy that is trusted says whether the cookie is secure`() async throws {
        let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            for (proxies, value, isSecure) in [
                (["127.0.0.0/8"], "http", false), (["127.0.0.0/8"], "https", true), (["10.0.0.0/8"], "http", true),
                ([], "http", true),
            ] {
                try await Middleware(handler, trustedProxies: proxies)
                    .serve(live: true) { client in
                        var visitor = Visitor(client)
                        let set = try await visitor.load("/", headers: [name: value]).setCookies.first ?? ""
                        #expect(set.hasPrefix("PHPSESSID="))
                        #expect(set.contains("; Secure") == isSecure)
                    }
            }
        }
    }

    @Test func `a proxy that is no address is refused by name`() throws {
        let handler = try MemcachedSessionHandler(.tcp(host: "127.0.0.1", port: 1))
        #expect {
            _ = try Middleware(handler, trustedProxies: ["10.0.0.1", "loadbalancer"])
        } throws: { error in
            (error as? MemcachedSessionError)?.code == .invalidConfiguration && "\(error)".contains("loadbalancer")
        }
    }
}
#endif
