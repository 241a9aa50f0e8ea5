import HTTPExchange
import NIOHTTP1

extension Check {
    /// One visitor, then another.
    func checkCounting(_ fleet: Fleet, _ visitor: Visitor) async throws {
        try await list.check("each process answers /healthz") {
            for process in fleet.processes {
                let response = try await HTTPClient().send(HTTPRequest(.GET, "/healthz"), to: process.address)
                try expect(response.status == .ok, "\(process.name): status \(response.status.code)")
            }
            return nil
        }
        try await list.check("ten reloads count from 1 to 10, each process in its turn") {
            let visits = try await visitor.reload(times: 10)
            for visit in visits { Console.line("            \(visit)") }
            let turns = Fleet.names + Fleet.names
            try expect(visits.map(\.process) == turns, "the processes were \(visits.map(\.process))")
            let identifiers = await fleet.identifiers()
            let isSame = visits.allSatisfy { identifiers[$0.process] == $0.pid }
            try expect(isSame, "the process ids are not those of the processes")
            try expect(Set(visits.map(\.pid)).count == 5, "there are not five process ids")
            return "five process ids"
        }
        try await list.check("a second cookie jar starts at 1, and the first goes on") {
            try await Visitor(Browser(fleet.address)).reload(times: 3)
            try await visitor.reload(times: 1)
            return nil
        }
    }
}
