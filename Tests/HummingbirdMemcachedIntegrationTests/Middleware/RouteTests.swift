#if HummingbirdSupport
import HTTPTypes
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import MemcachedSessions
import MemcachedTestSupport
import NIOCore
import Synchronization
import Testing

@Suite struct RouteTests {
    @Test func `logging in changes the id, and the old one is gone before the response is`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let old = try #require(visitor.id)
                    #expect(try await visitor.load("/login", .post).text == "hello alice")
                    let new = try #require(visitor.id)
                    #expect(new != old)
                    #expect(try await peer.session(old) == nil)
                    #expect(try await peer.session(new) == #"{"count":1,"user":"alice"}"#)
                    #expect(try await visitor.load("/who").text == "alice")
                    var thief = Visitor(client, cookie: "PHPSESSID=\(old)")
                    #expect(try await thief.load("/who").text == "nobody")
                }
        }
    }

    @Test func `logging in without a session begins one`() async throws {
        try await withMemcached { server in
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/login", .post)
                    #expect(try await visitor.load("/who").text == "alice")
                }
        }
    }

    @Test func `logging out expires the cookie, and the session is gone for good`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let id = try #require(visitor.id)
                    let page = try await visitor.load("/logout", .post)
                    #expect(page.setCookies.count == 1)
                    #expect(visitor.cookie == nil)
                    #expect(try await peer.session(id) == nil)
                    #expect(try await peer.lock(id) == nil)
                    var thief = Visitor(client, cookie: "PHPSESSID=\(id)")
                    #expect(try await thief.load("/quiet").text == "0")
                }
        }
    }

    @Test func `a route that throws stores nothing, and gives the lock back`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let page = try await visitor.load("/broken")
                    #expect(page.status == .conflict)
                    #expect(page.setCookies.isEmpty)
                    #expect(try await peer.lock(visitor.id ?? "") == nil)
                    #expect(try await visitor.load("/").text == "2")
                }
        }
    }

    @Test func `a flash value is shown once`() async throws {
        try await withMemcached { server in
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { group in
                    group.post("/order") { _, context in
                        try context.session.setFlash("stored", for: "notice")
                        try context.session.setFlash(7, for: "number")
                        return "ok"
                    }
                    group.get("/page") { _, context in
                        let session = try context.session
                        let number = try session.takeFlash("number", as: Int.self)
                        return "\(try session.takeFlash("notice") ?? "-") \(number.map { "\($0)" } ?? "-")"
                    }
                } _: { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/order", .post)
                    #expect(try await visitor.load("/page").text == "stored 7")
                    #expect(try await visitor.load("/page").text == "- -")
                    #expect(try await Peer.connect(server).session(visitor.id ?? "")?.contains("_flash") == false)
                }
        }
    }

    @Test func `what was written blindly meanwhile stays, and the request is not run again`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let runs = Mutex(0)
            let handler = try MemcachedSessionHandler(server.address)
            try await Middleware(handler)
                .serve { group in
                    Site.addRoutes(group)
                    group.get("/overtaken") { _, context in
                        runs.withLock { $0 += 1 }
                        let session = try context.session
                        try await peer.overwrite(session.id ?? "", #"{"count":50}"#)
                        session["count"] = 2
                        return "stored"
                    }
                } _: { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/")
                    let page = try await visitor.load("/overtaken")
                    #expect(page.status == .serviceUnavailable)
                    #expect(page.headers[.retryAfter] == "1")
                    #expect(page.setCookies.isEmpty)
                    #expect(runs.withLock { $0 } == 1)
                    #expect(try await visitor.load("/quiet").text == "50")
                }
        }
    }

    @Test func `the session has ended when a streamed body is written`() async throws {
        try await withMemcached { server in
            let failure = Mutex<MemcachedSessionError?>(nil)
            try await Middleware(try MemcachedSessionHandler(server.address))
                .serve { group in
                    group.get("/stream") { _, context in
                        let session = try context.session
                        session["count"] = 1
                        return Response(
                            status: .ok,
                            body: ResponseBody { writer in
                                do throws(MemcachedSessionError) {
                                    try session.setValue(2, for: "count")
                                } catch {
                                    failure.withLock { $0 = error }
                                }
                                try await writer.finish(nil)
                            }
                        )
                    }
                    group.get("/quiet") { _, context in "\(try context.session["count", default: 0])" }
                } _: { client in
                    var visitor = Visitor(client)
                    try await visitor.load("/stream")
                    #expect(failure.withLock { $0?.code } == .ended)
                    #expect(try await visitor.load("/quiet").text == "1")
                }
        }
    }

    @Test func `a route without the middleware is told what is missing`() async throws {
        let failure = Mutex<String?>(nil)
        let router = Router(context: Context.self)
        router.get("/") { _, context -> String in
            do throws(MemcachedSessionMiddlewareMissing) {
                return "\(try context.session)"
            } catch {
                failure.withLock { $0 = "\(error)" }
                throw error
            }
        }
        try await Application(router: router)
            .test(.router) { client in
                var visitor = Visitor(client)
                let page = try await visitor.load("/")
                #expect(page.status == .internalServerError)
            }
        #expect(failure.withLock { $0 }?.contains("add MemcachedSessionMiddleware") == true)
    }
}
#endif
