extension Check {
    /// What a person with a real browser does.
    func checkChromium(_ fleet: Fleet) async throws {
        try await list.check("Chromium: five reloads over five processes, logging out, a forged cookie") {
            try await Chromium.run(environment: environment()) { browser in
                try await countInBrowser(browser, fleet)
                try await logOutInBrowser(browser)
                return try await forgeInBrowser(browser, fleet)
            }
        }
    }

    private func countInBrowser(_ browser: Chromium, _ fleet: Fleet) async throws {
        try await browser.open(fleet.address)
        try await expectHeading("Hello #1", browser)
        let cookie = try await browser.cookie("session")
        var processes: Set<String> = []
        for count in 2...6 {
            try await browser.reload()
            try await expectHeading("Hello #\(count)", browser)
            processes.insert(try await browser.process())
        }
        try expect(processes == Set(Fleet.names), "the pages were from \(processes.sorted())")
        try expect(cookie?.httpOnly == true && cookie?.sameSite == "Lax", "the browser keeps the cookie otherwise")
        try expect(try await browser.cookie("session") == cookie, "the cookie has changed")
        try expect(try await browser.scriptCookies() == "", "scripts of the page can read the cookie")
    }

    private func logOutInBrowser(_ browser: Chromium) async throws {
        try await browser.press(formTo: "/logout")
        try await expectHeading("Goodbye", browser)
        try expect(try await browser.cookie("session") == nil, "the browser still has the cookie")
    }

    /// - Returns: The detail of the check.
    private func forgeInBrowser(_ browser: Chromium, _ fleet: Fleet) async throws -> String {
        let forged = String(repeating: "0123456789abcdef", count: 2)
        try await browser.keep("session", forged)
        for count in 1...2 {
            try await browser.open(fleet.address)
            try await expectHeading("Hello #\(count)", browser)
        }
        let fresh = try await browser.cookie("session")?.value
        try expect(fresh != nil && fresh != forged, "the forged id was taken over")
        return "9 pages"
    }

    private func expectHeading(_ text: String, _ browser: Chromium) async throws {
        let heading = try await browser.heading()
        try expect(heading == text, "the browser shows \"\(heading)\" where \"\(text)\" was to come")
    }
}
