import HTTPExchange
import NIOHTTP1

extension Check {
    /// The page, its cookie, and what becomes of it.
    func checkCookies(_ fleet: Fleet, _ visitor: Visitor) async throws {
        try await list.check("the page says \"Hello #N\", and forbids scripts, frames and caches") {
            let browser = visitor.browser
            let answer = try await browser.load(.GET, "/")
            try expect(answer.text.contains("<h1>Hello <em>#\(visitor.count + 1)</em></h1>"), "it says \(answer)")
            visitor.skip()
            let policy = answer.headers.first(name: "Content-Security-Policy") ?? ""
            try expect(policy.hasPrefix("default-src 'none'"), "its policy is \(policy)")
            try expect(answer.headers.first(name: "Cache-Control") == "no-store", "it may be cached")
            try expect(answer.setCookies.isEmpty, "it sets a cookie that the browser has already")
            return nil
        }
        try await list.check("the cookie is HttpOnly and SameSite=Lax") {
            let cookie = try await Browser(fleet.address).reload().setCookies.first
            try expect(cookie?.attributes["httponly"] != nil, "HttpOnly is missing")
            try expect(cookie?.attributes["samesite"] == "Lax", "SameSite=Lax is missing")
            return nil
        }
        try await list.check("a made-up cookie gets a new session under another id") {
            let forged = String(repeating: "0123456789abcdef", count: 2)
            for value in [forged, "lock.\(forged)", "../../etc/passwd"] {
                let browser = Browser(fleet.address)
                browser.cookies.keep("session", value)
                try await Visitor(browser).reload(times: 2)
                try expect(browser.cookies.cookies["session"] != value, "the made-up id \(value) was taken over")
            }
            return nil
        }
        try await list.check("logging out expires the cookie, and the session is gone for good") {
            let browser = Browser(fleet.address)
            try await Visitor(browser).reload(times: 2)
            let stolen = browser.cookies
            let answer = try await browser.load(.POST, "/logout")
            try expect(answer.status == 303, "status \(answer.status)")
            try expect(browser.cookies.header == nil, "the cookie is still there")
            try await Visitor(browser).reload(times: 1)

            let thief = Browser(fleet.address)
            thief.cookies = stolen
            try await Visitor(thief).reload(times: 1)
            try expect(thief.cookies != stolen, "the old id was taken over")
            return nil
        }
    }
}
