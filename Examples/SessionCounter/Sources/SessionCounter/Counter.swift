import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMemcached
import MemcachedSessions

/// The pages: one that counts, and one to log out.
struct Counter: Sendable {
    /// What the page calls this process.
    let process: String
    /// For demonstration only: how long to wait between reading and writing.
    let pause: Duration

    /// Adds the routes that need the session.
    func addRoutes(to router: some RouterMethods<BasicMemcachedSessionRequestContext>) {
        router.get("/") { request, context in
            let session = try context.session
            var count = session["count", default: 0]
            if pause > .zero { try await Task.sleep(for: pause) }
            count &+= 1
            session["count", default: 0] = count
            let visit = Visit(count: count, process: process, pid: ProcessInfo.processInfo.processIdentifier)
            return request.wantsJSON ? .json(try visit.json()) : Page.count(visit).response()
        }
        // Other sites cannot have a browser do that: with SameSite=Lax it sends them no cookie here.
        router.post("/logout") { _, context in
            try context.session.destroy()
            return Response.redirect(to: "/goodbye", type: .normal)
        }
    }

    /// Adds the routes that do not.
    func addRoutesWithoutSession(to router: some RouterMethods<BasicMemcachedSessionRequestContext>) {
        router.get("/goodbye") { _, _ in Page.goodbye().response() }
        // Says that this process answers, and nothing about the cache: when the cache is down, restarting processes
        // (what platforms do on a failed health check) helps nobody.
        router.get("/healthz") { _, _ in "ok\n" }
    }
}

/// One counted visit.
struct Visit: Hashable, Sendable, Encodable {
    /// How many visits the session has seen, this one included.
    var count: Int
    /// What the serving process is called.
    var process: String
    /// Its process id.
    var pid: Int32

    /// The visit for programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension Response {
    /// A response in JSON.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

extension Request {
    /// Whether the client asks for JSON rather than for a page.
    var wantsJSON: Bool {
        headers[values: .accept].contains { $0.lowercased().contains("application/json") }
    }
}
