#if HummingbirdSupport
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct ReadOnlyTests {
    @Test func `it takes no lock, and prolongs at most once a minute`() async throws {
        try await withMemcached { server in
            let middleware = Middleware(try MemcachedSessionHandler(server.address))
            let cookie = try await middleware.serve { client in
                var visitor = Visitor(client)
                try await visitor.load("/")
                return visitor.cookie
            }
            let before = try await server.stats()
            try await middleware.serve(readOnly: true) { client in
                var visitor = Visitor(client, cookie: cookie)
                for _ in 1...20 {
                    let page = try await visitor.load("/quiet")
                    #expect(page.text == "1")
                    #expect(page.setCookies.isEmpty)
                }
            }
            let after = try await server.stats()
            #expect(after["cmd_set"] == before["cmd_set"])
            #expect(after["delete_hits"] == before["delete_hits"])
            let touches = (Int(after["cmd_touch"] ?? "") ?? 0) - (Int(before["cmd_touch"] ?? "") ?? 0)
            #expect(touches == 1)
        }
    }

    @Test func `it does not wait for a request that holds the session`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let middleware = Middleware(handler)
            try await middleware.serve { group in
                Site.addRoutes(group)
                let readers = group.group("/reader").add(middleware: middleware.readOnly)
                readers.get { _, context in "\(try context.session["count", default: 0])" }
            } _: { client in
                var visitor = Visitor(client)
                try await visitor.load("/")
                let id = try #require(visitor.id)
                let cookie = visitor.cookie
                _ = try await handler.withSession(id: id) { session in
                    session["count"] = 9
                    try await middleware.serve(readOnly: true) { client in
                        var reader = Visitor(client, cookie: cookie)
                        let page = try await reader.load("/quiet")
                        #expect(page.text == "1")
                    }
                }
                #expect(try await visitor.load("/quiet").text == "9")
            }
        }
    }

    @Test func `changing, destroying and logging in fail there, and nothing is stored`() async throws {
        try await withMemcached { server in
            let middleware = Middleware(try MemcachedSessionHandler(server.address))
            let cookie = try await middleware.serve { client in
                var visitor = Visitor(client)
                try await visitor.load("/")
                return visitor.cookie
            }
            try await middleware.serve(readOnly: true) { client in
                for (path, method) in [("/", .get), ("/logout", .post), ("/login", .post)]
                    as [(String, HTTPRequest.Method)]
                {
                    var visitor = Visitor(client, cookie: cookie)
                    let page = try await visitor.load(path, method)
                    #expect(page.status == .internalServerError)
                    #expect(page.setCookies.isEmpty)
                }
                var visitor = Visitor(client, cookie: cookie)
                #expect(try await visitor.load("/quiet").text == "1")
            }
        }
    }

    @Test func `outside it reads only, and the group inside changes`() async throws {
        try await withMemcached { server in
            let middleware = Middleware(try MemcachedSessionHandler(server.address))
            try await middleware.serve(readOnly: true) { group in
                group.get("/read") { _, context in "\(try context.session["count", default: 0])" }
                Site.addRoutes(group.group("/write").add(middleware: middleware))
            } _: { client in
                var visitor = Visitor(client)
                #expect(try await visitor.load("/write").text == "1")
                #expect(try await visitor.load("/write").text == "2")
                #expect(try await visitor.load("/read").text == "2")
                let id = visitor.id
                try await visitor.load("/write/login", .post)
                #expect(visitor.id != id)
                try await visitor.load("/write/logout", .post)
                #expect(visitor.cookie == nil)
            }
        }
    }

    @Test func `standing twice it opens the session once`() async throws {
        try await withMemcached { server in
            let middleware = Middleware(try MemcachedSessionHandler(server.address))
            try await middleware.serve { group in
                Site.addRoutes(group.group().add(middleware: middleware).add(middleware: middleware.readOnly))
            } _: { client in
                var visitor = Visitor(client)
                #expect(try await visitor.load("/").text == "1")
                let before = try await server.stats()
                #expect(try await visitor.load("/").text == "2")
                let after = try await server.stats()
                // One read; the lock and the session.
                #expect((Int(after["cmd_set"] ?? "") ?? 0) - (Int(before["cmd_set"] ?? "") ?? 0) == 2)
            }
        }
    }
}
#endif
