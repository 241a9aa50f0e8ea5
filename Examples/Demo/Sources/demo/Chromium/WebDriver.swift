import Foundation
import HTTPExchange
import NIOCore
import NIOHTTP1

/// The commands of W3C WebDriver that the check needs, over plain HTTP.
///
/// Source: W3C WebDriver, https://www.w3.org/TR/webdriver2/, sections 6 and 8 to 14.
struct WebDriver: Sendable {
    /// A cookie as the browser keeps it.
    struct Cookie: Codable, Hashable, Sendable {
        var name: String
        var value: String
        var httpOnly: Bool?
        var sameSite: String?
        var secure: Bool?
    }

    /// A session of the driver with a browser.
    struct Session: Decodable, Sendable {
        var sessionId: String
    }

    /// The name of the only member of an element reference.
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    let address: HTTPServerAddress
    private let client = HTTPClient(responseTimeout: .seconds(60))

    init(_ address: HTTPServerAddress) {
        self.address = address
    }

    /// Starts a browser.
    func newSession(arguments: [String]) async throws -> Session {
        struct Body: Encodable {
            struct Capabilities: Encodable {
                var alwaysMatch: [String: Options]
            }
            struct Options: Encodable {
                var args: [String]
            }
            var capabilities: Capabilities
        }
        let options = ["goog:chromeOptions": Body.Options(args: arguments)]
        return try await post("/session", Body(capabilities: .init(alwaysMatch: options)))
    }

    /// Opens a page and waits until it is loaded.
    func open(_ url: String, in session: Session) async throws {
        let _: Nothing = try await post("/session/\(session.sessionId)/url", ["url": url])
    }

    /// Presses the browser's button for loading the page again.
    func refresh(_ session: Session) async throws {
        let _: Nothing = try await post("/session/\(session.sessionId)/refresh", [String: String]())
    }

    /// The text that a person sees in the first element of a CSS selector.
    func text(of selector: String, in session: Session) async throws -> String {
        for _ in 0..<Self.patience {
            let element = try await find(selector, in: session)
            do {
                return try await send(.GET, "/session/\(session.sessionId)/element/\(element)/text", body: nil)
            } catch let failure as Failure where Self.isStale(failure) {
                // The page was replaced since the element was found.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw Failure("the page is replaced again and again while \(selector) is read")
    }

    /// Clicks on the first element of a CSS selector, and waits for the page that it leads to.
    func click(_ selector: String, in session: Session) async throws {
        let element = try await find(selector, in: session)
        let _: Nothing = try await post(
            "/session/\(session.sessionId)/element/\(element)/click",
            [String: String]()
        )
        for _ in 0..<Self.patience {
            do {
                let _: String = try await send(
                    .GET,
                    "/session/\(session.sessionId)/element/\(element)/name",
                    body: nil
                )
            } catch let failure as Failure where Self.isStale(failure) {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure("a click on \(selector) led to no other page")
    }

    /// How often something is looked at again, every 50 ms.
    private static let patience = 400

    /// Whether an element belongs to a page that is there no more.
    private static func isStale(_ failure: Failure) -> Bool {
        "\(failure)".contains("stale element reference") || "\(failure)".contains("no such element")
    }

    /// The cookies that the browser would send to the page.
    func cookies(in session: Session) async throws -> [Cookie] {
        try await send(.GET, "/session/\(session.sessionId)/cookie", body: nil)
    }

    /// Puts a cookie into the browser.
    func add(_ cookie: Cookie, in session: Session) async throws {
        let _: Nothing = try await post("/session/\(session.sessionId)/cookie", ["cookie": cookie])
    }

    /// What a script in the page would see of the cookies.
    func scriptCookies(in session: Session) async throws -> String {
        struct Body: Encodable {
            var script = "return document.cookie"
            var args: [String] = []
        }
        return try await post("/session/\(session.sessionId)/execute/sync", Body())
    }

    /// Ends the browser.
    func end(_ session: Session) async throws {
        let _: Nothing = try await send(.DELETE, "/session/\(session.sessionId)", body: nil)
    }

    private func find(_ selector: String, in session: Session) async throws -> String {
        let found: [String: String] = try await post(
            "/session/\(session.sessionId)/element",
            ["using": "css selector", "value": selector]
        )
        guard let element = found[Self.elementKey] else { throw Failure("the driver gave no element for \(selector)") }
        return element
    }

    private func post<Value: Decodable>(_ path: String, _ body: some Encodable) async throws -> Value {
        try await send(.POST, path, body: try JSONEncoder().encode(body))
    }

    private func send<Value: Decodable>(_ method: HTTPMethod, _ path: String, body: Data?) async throws -> Value {
        var request = HTTPRequest(method, path)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = ByteBuffer(bytes: body)
        }
        let response = try await client.send(request, to: address)
        guard response.status == .ok else {
            throw Failure("the browser's driver answers \(path) with \(response.text.prefix(300))")
        }
        return try JSONDecoder().decode(Answer<Value>.self, from: Data(response.text.utf8)).value
    }

    /// What the driver answers to every command.
    private struct Answer<Value: Decodable>: Decodable {
        var value: Value
    }

    /// The value of a command that has none.
    private struct Nothing: Decodable {
        init(from decoder: any Decoder) {}
    }
}
