import Foundation
import HTTPExchange
import NIOHTTP1
import Synchronization

/// Somebody who looks at the page: remembers cookies and counts what the page says.
final class Browser: Sendable {
    private let site: HTTPServerAddress
    private let client = HTTPClient()
    private let jar: Mutex<CookieJar>
    private let setCount = Mutex(0)

    /// Opens a browser without cookies.
    init(_ site: HTTPServerAddress) {
        self.site = site
        jar = Mutex(CookieJar())
    }

    /// The cookies.
    var cookies: CookieJar {
        get { jar.withLock { $0 } }
        set { jar.withLock { $0 = newValue } }
    }

    /// How often a response has set or expired a cookie.
    var cookiesSet: Int { setCount.withLock { $0 } }

    /// Loads the page once and keeps the cookies that come with it.
    ///
    /// - Throws: ``HTTPExchangeError`` when there is no response at all.
    func reload() async throws -> Answer {
        try await load(.GET, "/", accepting: "application/json")
    }

    /// Sends a request as the browser would and keeps the cookies that come with the response.
    ///
    /// - Parameters:
    ///   - method: GET for links and reload, POST for buttons.
    ///   - path: Path and query.
    ///   - accepting: What the browser wants to see.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``HTTPExchangeError`` when there is no response at all.
    func load(_ method: HTTPMethod, _ path: String, accepting: String = "text/html") async throws -> Answer {
        var request = HTTPRequest(method, path, headers: ["Accept": accepting])
        if let header = cookies.header { request.headers.add(name: "Cookie", value: header) }
        let response = try await client.send(request, to: site)
        let cookies = response.headers["Set-Cookie"]
        setCount.withLock { $0 += cookies.count }
        jar.withLock { $0.take(from: cookies) }
        return Answer(response)
    }
}

/// What came back, as far as the demonstration looks at it.
struct Answer: Sendable {
    /// What a page that counts says in JSON.
    struct Visit: Hashable, Sendable, Decodable, CustomStringConvertible {
        /// The number after "Hello #".
        var count: Int
        /// The process that answered, "web.3".
        var process: String
        /// Its process id.
        var pid: Int32

        var description: String { "Hello #\(count) from \(process)" }
    }

    /// The status, 200 for a page that counts.
    let status: Int
    /// The headers.
    let headers: HTTPHeaders
    /// The body as text.
    let text: String
    /// What the page counted; nil when it says nothing of the kind.
    let visit: Visit?

    init(_ response: HTTPResponse) {
        status = Int(response.status.code)
        headers = response.headers
        text = response.text
        visit = try? JSONDecoder().decode(Visit.self, from: Data(response.text.utf8))
    }

    /// The cookies that it sets or expires.
    var setCookies: [Cookie] { headers["Set-Cookie"].compactMap(Cookie.init(setCookie:)) }
}

extension Answer: CustomStringConvertible {
    /// The line of a page that counts, or what came instead of it.
    var description: String { visit.map { "\($0)" } ?? "status \(status): \(text.prefix(200))" }
}
