import Foundation
import HTTPExchange

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A real browser without a window, as a person would use it.
struct Chromium: Sendable {
    private let driver: WebDriver
    private let session: WebDriver.Session

    /// Runs a browser with an empty profile for the length of a closure.
    ///
    /// - Parameters:
    ///   - environment: All of its environment.
    ///   - body: What to do with it.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure throws, and others when the browser cannot be started.
    static func run<Value>(
        environment: [String: String],
        _ body: (Chromium) async throws -> Value
    ) async throws -> Value {
        let process = try await startDriver(environment)
        let driver = WebDriver(process.address)
        do {
            let session = try await driver.newSession(arguments: arguments)
            let value = try await body(Chromium(driver: driver, session: session))
            // Its profile is removed and its processes end. What does not is killed with the driver.
            try await driver.end(session)
            await process.stop()
            return value
        } catch {
            await process.stop()
            throw error
        }
    }

    private static var arguments: [String] {
        var arguments = [
            "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-breakpad", "--no-first-run",
            "--disable-background-networking", "--no-proxy-server",
        ]
        // Chromium refuses to run as root, as in a container, with its sandbox.
        if geteuid() == 0 { arguments.append("--no-sandbox") }
        return arguments
    }

    private static func startDriver(_ environment: [String: String]) async throws -> WebProcess {
        do {
            return try await WebProcess.launch("chromedriver", .chromeDriver, environment)
        } catch let error as DemoError {
            throw DemoError("\(error)\nInstall Chromium and its driver: Scripts/install-deps browser")
        }
    }

    /// Opens a page.
    func open(_ site: HTTPServerAddress, _ path: String = "/") async throws {
        try await driver.open("http://\(site)\(path)", in: session)
    }

    /// Loads the page again.
    func reload() async throws {
        try await driver.refresh(session)
    }

    /// The heading that the page shows.
    func heading() async throws -> String {
        try await driver.text(of: "h1", in: session)
    }

    /// The process that the page says it is from.
    func process() async throws -> String {
        try await driver.text(of: "main p strong", in: session)
    }

    /// Presses the button of a form.
    func press(formTo action: String) async throws {
        try await driver.click("form[action='\(action)'] button", in: session)
    }

    /// The cookie of a name; nil when the browser has none.
    func cookie(_ name: String) async throws -> WebDriver.Cookie? {
        try await driver.cookies(in: session).first { $0.name == name }
    }

    /// Gives the browser a cookie for the site whose page it shows.
    func keep(_ name: String, _ value: String) async throws {
        try await driver.add(WebDriver.Cookie(name: name, value: value), in: session)
    }

    /// What scripts of the page see of its cookies.
    func scriptCookies() async throws -> String {
        try await driver.scriptCookies(in: session)
    }
}
