#if HummingbirdSupport
import HTTPTypes
import Hummingbird
import HummingbirdMemcached
import HummingbirdTesting
import Logging
import Memcached
import MemcachedSessions
import MemcachedTestSupport
import NIOCore

typealias Context = BasicMemcachedSessionRequestContext
typealias Middleware = MemcachedSessionMiddleware<Context>

extension MemcachedServer {
    /// The server at a test address.
    init(_ address: TestServerAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host, port: UInt16(port))
        case .unixSocket(let path): self = .unix(path)
        }
    }
}

extension MemcachedSessionHandler {
    /// A handler for servers of the tests.
    convenience init(
        _ addresses: TestServerAddress...,
        configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = MemcachedSessionConfiguration(servers: addresses.map(MemcachedServer.init))
        // Easier to read than PHP's, where a test looks at what is stored.
        configuration.format = .json
        // With patience for a busy machine.
        configuration.client.timeouts.operation = .seconds(30)
        configuration.client.timeouts.connect = .seconds(30)
        configure(&configuration)
        try self.init(configuration)
    }
}

extension Middleware {
    /// Runs an application with this middleware and some routes.
    func serve<Value: Sendable>(
        live: Bool = false,
        readOnly: Bool = false,
        routes: (RouterGroup<Context>) -> Void = Site.addRoutes,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let router = Router(context: Context.self)
        routes(router.group().add(middleware: readOnly ? self.readOnly : self))
        // What Hummingbird logs of each request is not looked at here.
        let logger = Logger(label: "site") { _ in SwiftLogNoOpLogHandler() }
        let app = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            logger: logger
        )
        return try await app.test(live ? .live : .router) { try await body($0) }
    }
}

/// The pages that most tests ask for.
enum Site {
    static func addRoutes(_ group: RouterGroup<Context>) {
        group.get("/") { _, context in
            let session = try context.session
            session["count", default: 0] += 1
            return "\(session["count", default: 0])"
        }
        group.get("/quiet") { _, context in
            "\(try context.session["count", default: 0])"
        }
        group.post("/login") { _, context in
            try context.session.logIn("alice")
            return "hello alice"
        }
        group.get("/who") { _, context in
            try context.session.value("user", as: String.self) ?? "nobody"
        }
        group.post("/logout") { _, context in
            try context.session.destroy()
            return "bye"
        }
        group.get("/broken") { _, context -> String in
            try context.session["count"] = 1_000
            throw HTTPError(.conflict)
        }
    }
}

/// A browser with at most one cookie.
struct Visitor: Sendable {
    let client: any TestClientProtocol
    /// Name and value, as in the `Cookie` header.
    var cookie: String?

    init(_ client: any TestClientProtocol, cookie: String? = nil) {
        self.client = client
        self.cookie = cookie
    }

    /// The session id in the cookie.
    var id: String? { cookie?.split(separator: "=").last.map(String.init) }

    /// Asks for a page and keeps the cookie that comes with it.
    @discardableResult
    mutating func load(
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:]
    ) async throws -> Page {
        var headers = headers
        if let cookie { headers[.cookie] = cookie }
        let page = Page(try await client.executeRequest(uri: path, method: method, headers: headers, body: nil))
        for set in page.setCookies {
            cookie = set.contains("Max-Age=0") ? nil : set.split(separator: ";").first.map(String.init)
        }
        return page
    }
}

/// What came back.
struct Page: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let text: String

    init(_ response: TestResponse) {
        status = response.status
        headers = response.headers
        text = String(buffer: response.body)
    }

    var setCookies: [String] { headers[values: .setCookie] }
}

/// Looks at a server and changes it behind the sessions' back.
struct Peer {
    private let connection: RawConnection

    static func connect(_ server: MemcachedProcess) async throws -> Peer {
        Peer(connection: try await RawConnection.connect(to: server.address))
    }

    /// The session of an id as it is stored; nil when there is none.
    func session(_ id: String) async throws -> String? { try await value("memc.sess.key.\(id)") }

    /// The lock of a session.
    func lock(_ id: String) async throws -> String? { try await value("memc.sess.key.lock.\(id)") }

    /// Stores a session as PHP does: blindly.
    func overwrite(_ id: String, _ value: String) async throws {
        _ = try await connection.exchange(
            RawFrame(
                opcode: 0x01,
                extras: [UInt8](repeating: 0, count: 8),
                key: Array("memc.sess.key.\(id)".utf8),
                value: Array(value.utf8)
            )
        )
    }

    private func value(_ key: String) async throws -> String? {
        let answer = try await connection.exchange(RawFrame(opcode: 0x00, key: Array(key.utf8)))
        return answer.status == 0 ? String(decoding: answer.value, as: UTF8.self) : nil
    }
}
#endif
