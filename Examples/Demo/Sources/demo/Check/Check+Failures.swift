import Foundation
import MemcachedTestSupport

extension Check {
    /// A process that crashes, and one that is restarted.
    func checkFailures(_ fleet: Fleet, _ visitor: Visitor) async throws {
        let crashed = try fleet.process("web.3")
        let restarted = try fleet.process("web.5")
        try await list.check("web.3 is killed: the other four count on") {
            await crashed.kill()
            let visits = try await visitor.reload(times: 8)
            let names = Set(visits.map(\.process))
            try expect(names == ["web.1", "web.2", "web.4", "web.5"], "\(names.sorted()) answered")
            return nil
        }
        try await list.check("web.5 is restarted: it ends by itself, and counts on with another process id") {
            let before = await restarted.identifier
            let exit = await restarted.stop()
            try expect(exit == .exited(status: 0), "it ended with \(exit.map { "\($0)" } ?? "nothing")")
            try await visitor.reload(times: 3)
            try await restarted.start()
            await traces.note(restarted)
            let visits = try await visitor.reload(times: 4)
            let after = visits.first { $0.process == "web.5" }?.pid
            try expect(after != nil && after != before, "web.5 did not answer from a new process")
            return nil
        }
        try await list.check("web.3 is started again: all five count on") {
            try await crashed.start()
            await traces.note(crashed)
            let visits = try await visitor.reload(times: 5)
            try expect(Set(visits.map(\.pid)).count == 5, "only \(Set(visits.map(\.process)).sorted()) answered")
            return nil
        }
        try await checkDraining(fleet)
    }

    /// A process that is asked to end while it is counting.
    private func checkDraining(_ fleet: Fleet) async throws {
        try await list.check("SIGTERM in the middle of a reload: it is counted, stored and answered first") {
            try await withProcess("web.6", environment(["DEMO_PAUSE_MS": "500"])) { process in
                let visitor = Visitor(Browser(process.address))
                try await visitor.reload(times: 1)

                // The reload takes the lock, which the server counts, and then it pauses.
                let before = try await cache.server.stat("cmd_set")
                let browser = visitor.browser
                async let underWay = browser.reload()
                while try await cache.server.stat("cmd_set") == before { try await Task.sleep(for: .milliseconds(2)) }
                let exit = await process.stop()
                let answer = try await underWay
                try expect(answer.visit?.count == 2, "the reload was answered with \(answer)")
                try expect(exit == .exited(status: 0), "the process ended with \(exit.map { "\($0)" } ?? "nothing")")

                let elsewhere = Browser(fleet.address)
                elsewhere.cookies = browser.cookies
                let next = try await elsewhere.reload()
                try expect(next.visit?.count == 3, "the next reload was answered with \(next)")
                return nil
            }
        }
    }
}
