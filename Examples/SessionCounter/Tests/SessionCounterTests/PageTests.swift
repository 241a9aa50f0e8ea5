import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MemcachedSessions
import Testing

@testable import SessionCounter

/// The pages of an application whose cache is not there, over Hummingbird's router.
struct PageTests {
    private func withApplication(
        _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        // A socket that cannot exist: connecting to it fails at once and reaches nobody.
        let environment = ["MEMCACHED_SERVERS": "/dev/null/no.sock", "SESSION_COOKIE_SECURE": "0"]
        let options = try Options(arguments: ["--name", "<web>"], environment: environment)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        try await CounterApplication.make(options, logger: logger).test(.router, test)
    }

    private let sessionCookie: HTTPFields = [.cookie: "session=0123456789abcdef0123456789abcdef"]

    @Test func `while the cache is away the page counts nothing and sets no cookie`() async throws {
        try await withApplication { client in
            for headers in [sessionCookie, HTTPFields()] {
                try await client.execute(uri: "/", method: .get, headers: headers) { response in
                    #expect(response.status == .serviceUnavailable)
                    #expect(String(buffer: response.body).contains("<h1>The cache is away</h1>"))
                    #expect(!String(buffer: response.body).contains("Hello"))
                    #expect(response.headers[values: .setCookie].isEmpty)
                    #expect(response.headers[.retryAfter] != nil)
                }
            }
        }
    }

    @Test func `nobody is logged out while the cache is away`() async throws {
        try await withApplication { client in
            try await client.execute(uri: "/logout", method: .post, headers: sessionCookie) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[values: .setCookie].isEmpty)
            }
        }
    }

    @Test func `programs get the same in JSON`() async throws {
        try await withApplication { client in
            var headers = sessionCookie
            headers[.accept] = "application/json"
            try await client.execute(uri: "/", method: .get, headers: headers) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(String(buffer: response.body) == "{\"error\":\"The cache is away\",\"status\":503}\n")
            }
        }
    }

    @Test func `the process is healthy without its cache`() async throws {
        try await withApplication { client in
            try await client.execute(uri: "/healthz", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == "ok\n")
            }
        }
    }

    @Test func `logging out takes a button, not a link`() async throws {
        try await withApplication { client in
            try await client.execute(uri: "/logout", method: .get, headers: sessionCookie) { response in
                #expect(response.status == .notFound || response.status == .methodNotAllowed)
            }
        }
    }

    @Test(arguments: ["/", "/healthz", "/goodbye", "/nowhere"])
    func `every page forbids scripts, frames and caches`(path: String) async throws {
        try await withApplication { client in
            try await client.execute(uri: path, method: .get) { response in
                let policy = try #require(response.headers[.contentSecurityPolicy])
                #expect(policy.hasPrefix("default-src 'none'; "))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(response.headers[.cacheControl] == "no-store")
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
            }
        }
    }

    @Test func `the style of a page carries the number that its policy names, a new one each time`() async throws {
        try await withApplication { client in
            var policies: Set<String> = []
            for _ in 0..<2 {
                try await client.execute(uri: "/goodbye", method: .get) { response in
                    let policy = try #require(response.headers[.contentSecurityPolicy])
                    let nonce = try #require(policy.split(separator: "'").first { $0.hasPrefix("nonce-") })
                    #expect(String(buffer: response.body).contains("<style nonce=\"\(nonce.dropFirst(6))\">"))
                    policies.insert(policy)
                }
            }
            #expect(policies.count == 2)
        }
    }

    @Test func `a page shows number and process, and escapes its name`() {
        let text = Page.count(Visit(count: 7, process: "<web&\"'>", pid: 42)).html(nonce: "1")
        #expect(text.contains("<h1>Hello <em>#7</em></h1>"))
        #expect(text.contains("<strong>&lt;web&amp;&quot;&#39;&gt;</strong>, process 42"))
        #expect(!text.contains("<web"))
    }

    @Test func `a visit in JSON is the same whatever the process is called`() throws {
        let text = try Visit(count: 7, process: "we\"b", pid: 42).json()
        #expect(text == "{\"count\":7,\"pid\":42,\"process\":\"we\\\"b\"}\n")
    }

    @Test(arguments: [
        MemcachedSessionError.Code.unavailable, .refused, .unsafeServer, .locked, .tooManyWaiters, .conflict, .lockLost,
        .lost,
    ])
    func `what passes is worth trying again`(code: MemcachedSessionError.Code) {
        let page = ErrorPages<BasicRequestContext>.page(for: code)
        #expect(page.status == .serviceUnavailable)
        #expect(page.retryAfter != nil)
    }

    @Test(arguments: [MemcachedSessionError.Code.decodingFailed, .tooLarge, .encodingFailed])
    func `what does not pass is an error of ours`(code: MemcachedSessionError.Code) {
        let page = ErrorPages<BasicRequestContext>.page(for: code)
        #expect(page.status == .internalServerError)
        #expect(page.retryAfter == nil)
    }
}
