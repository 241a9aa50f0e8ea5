#if HummingbirdSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import Logging
import Memcached
import MemcachedSessions
import MemcachedTestObservers
import MemcachedTestSupport
import Synchronization
import Testing

/// Plants a password, session ids and values, does everything that can go wrong, and searches what was said.
@Suite struct SecretsTests {
    private static func secret(_ name: String) -> String {
        (0..<2).reduce("\(name)-") { text, _ in text + String(UInt64.random(in: .min ... .max), radix: 36) }
    }

    private let password = secret("password")
    private let value = secret("value")
    private let evidence = Evidence()
    private let metrics = RecordedMetrics()
    private let spans = RecordedSpans()

    @Test func `no log, error, span, metric, response or argument holds a password, a session id or a value`()
        async throws
    {
        let watch = Task {
            while !Task.isCancelled {
                for line in ArgumentWatch.commandLines() { evidence.note("arguments", line) }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        let server = try await MemcachedProcess.start(.init(sasl: .init(user: "alice", password: password)))
        let proxy = try await FaultProxy.start(upstream: server.address)
        var ids: Set<String> = []
        do {
            ids.formUnion(try await visit(proxy))
            ids.formUnion(try await breakThings(proxy, server))
            try await refusePassword(server)
            try await persist(proxy)
            noteSettings()
        } catch {
            await proxy.stop()
            await server.stop()
            throw error
        }
        await proxy.stop()
        await server.stop()
        watch.cancel()
        await watch.value

        for span in spans.all { evidence.note("span", span.description) }
        for (series, values) in metrics.all { evidence.note("metric", "\(series) \(values)") }
        #expect(spans.all.count >= 50)
        #expect(spans.all.contains { $0["error.type"] != nil && $0["memcached.key.hash"] != nil })
        #expect(spans.all.allSatisfy { $0.ends == 1 })
        for name in [
            "db.client.operation.duration", "db.client.connection.count", "memcached.client.hits",
            "memcached.client.poisoned_connections", "memcached.session.lock.hold_time",
            "memcached.session.lock.wait_time", "memcached.session.missing",
        ] {
            #expect(!metrics.values(name).isEmpty, "\(name)")
        }

        #expect(ids.count >= 5)
        #expect(evidence.count > 200)
        for (name, secret) in [("password", password), ("value", value)] + ids.map({ ("session id", $0) }) {
            let places = evidence.places(of: secret)
            #expect(places.isEmpty, "the \(name) stands there: \(places)")
        }
    }

    @Test func `the search finds what is there, however it is written`() {
        typealias Writing = @Sendable (Evidence, String) -> Void
        let writings: [Writing] = [
            { $0.logger("log").trace("hello", metadata: ["key": "<\($1)>"]) },
            { $0.logger("log").trace("hello \($1)") },
            { $0.note("hex", $1.utf8.map { String($0, radix: 16) }.joined()) },
            { $0.note("base64", Data(($1 + "\0tail").utf8).base64EncodedString()) },
            { $0.note("base64", Data(("\0" + $1 + "\0tail").utf8).base64EncodedString()) },
            { $0.note("base64", Data(("\0a" + $1).utf8).base64EncodedString()) },
            { $0.note("dump", dumped: [$1]) },
            { $0.note("bytes", "\(Array($1.utf8))") },
            { evidence, text in
                let spans = RecordedSpans()
                spans.plant(text)
                for span in spans.all { evidence.note("span", span.description) }
            },
            { evidence, text in
                let metrics = RecordedMetrics()
                metrics.plant(text)
                for (series, values) in metrics.all { evidence.note("metric", "\(series) \(values)") }
            },
        ]
        for (number, write) in writings.enumerated() {
            let evidence = Evidence()
            let planted = Self.secret("planted")
            evidence.note("other", Self.secret("other"))
            #expect(evidence.places(of: planted).isEmpty)
            write(evidence, planted)
            #expect(evidence.places(of: planted).count == 1, "writing \(number)")
        }
        #if os(Linux)
        #expect(ArgumentWatch.commandLines().contains { !$0.isEmpty })
        #endif
    }

    // MARK: What is done

    private func observe(_ configuration: inout MemcachedConfiguration) {
        configuration.observability.metrics = .factory(metrics)
        configuration.observability.tracing = .tracer(spans)
    }

    private func handler(
        _ address: TestServerAddress,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> MemcachedSessionHandler {
        let handler = try MemcachedSessionHandler(address) {
            $0.client.credentials = MemcachedCredentials(username: "alice", password: password)
            $0.client.logger = evidence.logger("sessions")
            observe(&$0.client)
            $0.client.timeouts.operation = .seconds(1)
            $0.locking.retries = 1
            configure(&$0)
        }
        evidence.note("handler", dumped: handler)
        evidence.note("configuration", dumped: handler.configuration)
        evidence.note("configuration", "\(handler.configuration)")
        return handler
    }

    /// Serves pages, all of whose errors and logs are taken down.
    private func serve(
        _ handler: MemcachedSessionHandler,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: Context.self)
        router.add(middleware: LogRequestsMiddleware(.trace))
        router.add(middleware: Witness(evidence: evidence))
        let group = router.group().add(middleware: Middleware(handler))
        Site.addRoutes(group)
        let value = value
        let evidence = evidence
        group.get("/keep") { _, context in
            let session = try context.session
            session["secret"] = value
            try session.setFlash(value, for: "notice")
            evidence.note("session", dumped: session)
            evidence.note("session", "\(session) \(String(reflecting: session))")
            evidence.note("context", dumped: context.sessionContext)
            return "kept"
        }
        group.get("/large") { _, context in
            try context.session["secret"] = String(repeating: value, count: 100_000)
            return "kept"
        }
        group.get("/mistaken") { _, context in
            "\(try context.session.value("secret", as: Int.self) ?? 0)"
        }
        let app = Application(router: router, logger: evidence.logger("application"))
        try await app.test(.router) { try await body($0) }
    }

    /// What goes well.
    private func visit(_ proxy: FaultProxy) async throws -> Set<String> {
        let ids = Ids()
        try await serve(try handler(proxy.address)) { client in
            var visitor = Visitor(client)
            for path in ["/", "/keep", "/", "/quiet", "/who"] {
                try await visitor.load(path)
                ids.insert(visitor.id)
            }
            try await visitor.load("/login", .post)
            ids.insert(visitor.id)
            try await visitor.load("/logout", .post)
            var forger = Visitor(client, cookie: "PHPSESSID=\(ids.first ?? "")")
            try await forger.load("/")
            ids.insert(forger.id)
        }
        return ids.all
    }

    /// What does not.
    private func breakThings(_ proxy: FaultProxy, _ server: MemcachedProcess) async throws -> Set<String> {
        let ids = Ids()
        let sessions = try handler(proxy.address)
        try await serve(sessions) { client in
            var visitor = Visitor(client)
            try await visitor.load("/keep")
            ids.insert(visitor.id)
            let id = try #require(visitor.id)
            let browser = visitor
            try await visitor.load("/large")
            try await visitor.load("/mistaken")
            try await visitor.load("/broken")
            _ = try await sessions.withSession(id: id) { _ in
                var second = browser
                try await second.load("/")
            }
            for fault in [Fault.reset, .wrongOpaque, .truncate(to: 10), .announceHugeBody, .text("ERROR\r\n")] {
                proxy.inject(fault)
                try await visitor.load("/")
                try await visitor.load("/")
            }
            try await server.suspend()
            try await visitor.load("/")
            try await visitor.load("/logout", .post)
            try server.resume()
            await server.kill()
            try await visitor.load("/")
            try await server.restart()
            // Until the server has been found again.
            for _ in 1...600 {
                if try await visitor.load("/").status == .ok { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            ids.insert(visitor.id)
            try await visitor.load("/keep")
            ids.insert(visitor.id)
        }
        return ids.all
    }

    /// A password that the server refuses is as secret.
    private func refusePassword(_ server: MemcachedProcess) async throws {
        let handler = try handler(server.address) {
            $0.client.credentials = MemcachedCredentials(username: "nobody", password: password)
        }
        try await serve(handler) { client in
            var visitor = Visitor(client)
            let page = try await visitor.load("/")
            #expect(page.status == .serviceUnavailable)
        }
    }

    private func persist(_ proxy: FaultProxy) async throws {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(proxy.address)])
        configuration.credentials = MemcachedCredentials(username: "alice", password: password)
        configuration.logger = evidence.logger("persist")
        observe(&configuration)
        let driver = MemcachedPersistDriver(client: try MemcachedClient(configuration))
        try await driver.set(key: "k", value: value)
        for attempt in 0..<3 {
            do {
                switch attempt {
                case 0: _ = try await driver.get(key: "k", as: Int.self)
                case 1: try await driver.create(key: "k", value: value)
                default: try await driver.set(key: "k", value: String(repeating: value, count: 100_000))
                }
                Issue.record("attempt \(attempt) went well")
            } catch {
                evidence.note("persist", error: error)
            }
        }
        evidence.note("persist", dumped: driver)
    }

    /// Settings that are refused.
    private func noteSettings() {
        let texts = [
            "alice:\(password)@127.0.0.1:11211", "PERSISTENT=x alice:\(password)@h:1", "tcp://alice:\(password)@h:1",
        ]
        for text in texts {
            #expect(
                performing: {
                    _ = try MemcachedSessionConfiguration(savePath: text)
                },
                throws: { error in
                    evidence.note("save path", error: error)
                    return true
                }
            )
        }
        #expect(
            performing: {
                _ = try MemcachedSessionConfiguration(
                    phpINI: "session.save_path = \"127.0.0.1:1\"\nmemcached.sess_sasl_password = \"\(password)\nx = y",
                    environment: [:]
                )
            },
            throws: { error in
                evidence.note("php.ini", error: error)
                return true
            }
        )
    }
}

/// Takes down what goes wrong in a route, and what a visitor gets to see besides the cookie.
private struct Witness: RouterMiddleware {
    let evidence: Evidence

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            let response = try await next(request, context)
            for header in response.headers where header.name != .setCookie { evidence.note("response", header.value) }
            return response
        } catch {
            evidence.note("error", error: error)
            if let error = error as? any HTTPResponseError {
                evidence.note("error's response", "\(try error.response(from: request, context: context))")
            }
            throw error
        }
    }
}

/// The ids that browsers were given.
private final class Ids: Sendable {
    private let ids = Mutex<[String]>([])

    var all: Set<String> { Set(ids.withLock { $0 }) }
    var first: String? { ids.withLock { $0.first } }

    func insert(_ id: String?) {
        if let id, id.count == 32 { ids.withLock { $0.append(id) } }
    }
}
#endif
