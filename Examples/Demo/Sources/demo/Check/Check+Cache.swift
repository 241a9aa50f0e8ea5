import MemcachedTestSupport

extension Check {
    /// What the cache's server has counted.
    func checkAuthentication() async throws {
        guard cache.demandsSASL else {
            Console.line("  (not checked: authentication; this memcached knows no SASL)")
            return
        }
        try await list.check("the processes have authenticated with SASL, once for each connection") {
            let counts = try await cache.server.connectionCounts()
            let visits = try await cache.server.stat("cmd_touch") + cache.server.stat("cmd_get")
            try expect(counts.authentications >= 5, "auth_cmds is \(counts.authentications)")
            try expect(counts.refusedAuthentications == 0, "\(counts.refusedAuthentications) were refused")
            let detail = "auth_cmds \(counts.authentications), connections \(counts.opened), reads \(visits)"
            try expect(counts.authentications == counts.opened, detail)
            return detail
        }
    }

    /// Variables that name somebody's cache stay away from the processes.
    func checkEnvironment(_ fleet: Fleet) async throws {
        let names = decoyVariables
        try await list.check("MEMCACHIER_SERVERS is exported, and nobody has been there") {
            try expect(decoy.connections == 0, "\(decoy.connections) connections were made")
            for (name, identifier) in await fleet.identifiers() {
                let found = variablesOfProcess(identifier).keys.filter { names.contains($0) }
                try expect(found.isEmpty, "\(name) got \(found.sorted())")
            }
            return nil
        }
        try await list.check("control: a process that gets the variable does go there") {
            var environment = environment().filter { !ChildEnvironment.namesCache($0.key) }
            for name in names { environment[name] = "decoy" }
            environment["MEMCACHIER_SERVERS"] = "\(decoy.address)"
            return try await withProcess("web.7", environment) { process in
                let answer = try await Browser(process.address).reload()
                try expect(answer.status == 503, "it answered with \(answer)")
                try expect(decoy.connections > 0, "it did not")
                return "\(decoy.connections) connections"
            }
        }
    }

    private var decoyVariables: [String] {
        ["MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD"]
    }
}
