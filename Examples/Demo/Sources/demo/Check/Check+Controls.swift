import HTTPExchange
import MemcachedTestSupport
import NIOHTTP1

extension Check {
    /// Without locks the same reloads must not come out right, or the checks above have shown nothing.
    func checkWithoutLocks() async throws {
        try await list.check("locks off, 20 ms between reading and writing: counts are lost") {
            var detail = ""
            try await withFleet(options: ["DEMO_LOCKS": "off", "DEMO_PAUSE_MS": "20"]) { fleet in
                let visitor = Visitor(Browser(fleet.address))
                try await visitor.reload(times: 1)
                let reloads = try await visitor.reloadAtOnce(times: 40)
                let isComplete = (try? reloads.expectNoneLost(within: .seconds(10))) != nil
                let last = try await visitor.browser.reload().visit?.count
                guard let last, last < 42, !isComplete else { throw Failure("none was lost") }
                detail = "of 40 reloads \(last - 2) were counted"
            }
            return detail
        }
    }

    /// Without the cache there is no count, and nothing happens to cookies; with it, all goes on by itself.
    func checkOutage(_ fleet: Fleet, _ visitor: Visitor) async throws {
        let browser = visitor.browser
        let cookies = browser.cookies
        try await list.check("cache killed: no count, no cookie set or changed, and a page that says so") {
            await cache.server.kill()
            let json = try await browser.reload()
            let page = try await browser.load(.GET, "/")
            let logout = try await browser.load(.POST, "/logout")
            let newcomer = try await Browser(fleet.address).reload()
            for answer in [json, page, logout, newcomer] {
                try expect(answer.status == 503, "the answer was \(answer)")
                try expect(answer.visit == nil, "it counted: \(answer)")
                try expect(answer.headers["Set-Cookie"].isEmpty, "it sets a cookie")
            }
            try expect(page.text.contains("The cache is away"), "the page says \(page.text)")
            try expect(browser.cookies == cookies, "the cookie has changed")
            let health = try await browser.load(.GET, "/healthz")
            try expect(health.status == 200, "/healthz answers with \(health.status)")
            return nil
        }
        try await list.check("cache started again, empty: the processes find it by themselves") {
            try await cache.server.restart()
            traces.note(cache.server)
            for process in fleet.processes { try await waitForRecovery(process) }
            // What was memory is lost with the process that held it, and so is the session: a new one begins.
            try await Visitor(browser).reload(times: 10)
            try expect(browser.cookies != cookies, "the id of a session that is gone was taken over")
            return nil
        }
    }

    /// Waits until a process has found its cache again.
    ///
    /// Nobody tells it that there is a new one: it tries, pausing longer each time, up to a second.
    private func waitForRecovery(_ process: WebProcess) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(5)
        while true {
            let answer = try await Browser(process.address).reload()
            if answer.visit?.count == 1 { return }
            try expect(clock.now < deadline, "\(process.name) still answers with \(answer)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
