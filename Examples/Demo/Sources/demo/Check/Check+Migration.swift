import HTTPExchange
import NIOHTTP1

extension Check {
    /// PHP and Swift processes behind one address, on one memcached and on a ring of three.
    func checkMigration() async throws {
        for servers in [1, 3] {
            Console.line(
                "\nThree processes of PHP and two of Swift, \(servers == 1 ? "one memcached" : "a ring of three")"
            )
            let cache = try await PrivateCache.start(marker: marker.variables, servers: servers)
            for server in cache.servers { traces.note(server) }
            secrets.note(cache)
            do {
                try await withMigration(cache) { fleet in
                    let visitor = Visitor(Browser(fleet.address))
                    try await checkSharedCounting(fleet, visitor)
                    try await checkSharedLogin(fleet, visitor)
                    try await checkSharedLogout(fleet)
                }
            } catch {
                await cache.stop()
                throw error
            }
            await cache.stop()
        }
    }

    private func withMigration(_ cache: PrivateCache, _ body: (Fleet) async throws -> Void) async throws {
        try await Fleet.run(
            environment: environment(of: cache),
            programs: [.phpPage, .migratedPage],
            onResponse: secrets.note(response:)
        ) { fleet in
            await traces.note(fleet)
            Console.line("  http://\(fleet.address)/")
            try await body(fleet)
        }
    }

    private func checkSharedCounting(_ fleet: Fleet, _ visitor: Visitor) async throws {
        try await list.check("25 reloads, PHP and Swift in turn: the count never drops, under one cookie set once") {
            let visits = try await visitor.reload(times: 25)
            let processes = visits.map(\.process)
            try expect(processes == (1...5).flatMap { _ in Fleet.names }, "the processes were \(processes)")
            try expect(visitor.browser.cookiesSet == 1, "a cookie was set \(visitor.browser.cookiesSet) times")
            return nil
        }
        try await list.check("PHP and Swift set the same cookie") {
            var attributes: Set<[String: String]> = []
            for process in fleet.processes {
                let cookies = try await Browser(process.address).reload().setCookies
                try expect(cookies.map(\.name) == ["PHPSESSID"], "\(process.name) sets \(cookies.map(\.name))")
                attributes.formUnion(cookies.map(\.attributes))
            }
            let expected: Set = [["path": "/", "httponly": "", "samesite": "Lax"]]
            try expect(attributes == expected, "the attributes were \(attributes)")
            return nil
        }
        try await list.check("20 reloads of one cookie at once: 20 pages, each number once") {
            let reloads = try await visitor.reloadAtOnce(times: 20)
            try reloads.expectNoneLost(within: .seconds(15))
            try expect(reloads.processes.count == 5, "only \(reloads.processes.count) processes answered")
            return reloads.milliseconds
        }
    }

    private func checkSharedLogin(_ fleet: Fleet, _ visitor: Visitor) async throws {
        for (name, kind) in [("web.1", "PHP"), ("web.2", "Swift")] {
            try await list.check("a login in \(kind) changes the id, and all go on with the new one") {
                let old = visitor.browser.cookies
                let page = Browser(try fleet.process(name).address)
                page.cookies = old
                let answer = try await page.load(.POST, "/login", accepting: "application/json")
                try expect(answer.visit?.count == visitor.count + 1, "after #\(visitor.count) came \(answer)")
                visitor.skip()
                try expect(page.cookies != old, "the id has not changed")
                visitor.browser.cookies = page.cookies
                try await visitor.reload(times: 5)
                try await expectGone(old, fleet)
                return nil
            }
        }
    }

    private func checkSharedLogout(_ fleet: Fleet) async throws {
        for (name, kind) in [("web.3", "PHP"), ("web.4", "Swift")] {
            try await list.check("a logout in \(kind) is one for all, and a made-up id is taken over by none") {
                let browser = Browser(fleet.address)
                try await Visitor(browser).reload(times: 3)
                let old = browser.cookies
                let page = Browser(try fleet.process(name).address)
                page.cookies = old
                let answer = try await page.load(.POST, "/logout")
                try expect(answer.status == 200, "the logout was answered with \(answer)")
                try expect(page.cookies.header == nil, "the cookie is still there")
                try await expectGone(old, fleet)
                var forged = old
                forged.keep("PHPSESSID", String(repeating: "0123456789abcdef", count: 2))
                try await expectGone(forged, fleet)
                return nil
            }
        }
    }

    /// Fails unless every process begins a new session, under another id, for a cookie.
    private func expectGone(_ cookies: CookieJar, _ fleet: Fleet) async throws {
        for process in fleet.processes {
            let thief = Browser(process.address)
            thief.cookies = cookies
            let answer = try await thief.reload()
            try expect(answer.visit?.count == 1, "\(process.name) answers an id that is gone with \(answer)")
            try expect(thief.cookies != cookies, "\(process.name) took over an id that is gone")
        }
    }
}
