extension Check {
    /// Many reloads at the same time.
    func checkConcurrency(_ fleet: Fleet, _ visitor: Visitor) async throws {
        try await list.check("40 reloads of one cookie at once: 40 pages, each number once") {
            let reloads = try await visitor.reloadAtOnce(times: 40)
            try reloads.expectNoneLost(within: .seconds(10))
            try expect(reloads.processes.count == 5, "only \(reloads.processes.count) processes answered")
            return reloads.milliseconds
        }
        try await list.check("eight more visitors at once, each with five reloads at once, count for themselves") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let visitor = Visitor(Browser(fleet.address))
                        try await visitor.reload(times: 1)
                        try await visitor.reloadAtOnce(times: 5).expectNoneLost(within: .seconds(10))
                    }
                }
                try await group.waitForAll()
            }
            return nil
        }
        try await list.check("with 20 ms between reading and writing, 40 reloads at once lose nothing either") {
            try await withFleet(options: ["DEMO_PAUSE_MS": "20"]) { fleet in
                let visitor = Visitor(Browser(fleet.address))
                try await visitor.reload(times: 1)
                try await visitor.reloadAtOnce(times: 40).expectNoneLost(within: .seconds(10))
            }
            return nil
        }
    }
}
