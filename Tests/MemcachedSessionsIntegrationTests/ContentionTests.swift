import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct ContentionTests {
    @Test func `40 parallel reloads over five handlers lose no count and none fails`() async throws {
        try await withMemcached { server in
            // Each handler has a client, connections and a queue of its own, as another process has.
            let handlers = try (0..<5)
                .map { _ in
                    try MemcachedSessionHandler(server.address) {
                        // Nobody gives up because the machine is slow.
                        $0.locking.timeout = .seconds(60)
                        $0.locking.retries = 200
                    }
                }
            let id = try await handlers[0].makeSession()
            for round in 0..<5 {
                let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<40 { group.addTask { try await handlers[number % 5].reload(id) } }
                    var numbers: [Int] = []
                    for try await number in group { numbers.append(number) }
                    return numbers.sorted()
                }
                #expect(numbers == Array(round * 40 + 1...round * 40 + 40))
            }
            #expect(try await server.stat("curr_items") == 1)
        }
    }

    @Test func `nor with holds that are so long that PHP would have given up`() async throws {
        try await withMemcached { server in
            // PHP's five retries, and waits that are long beside what a hold takes on a slow machine: 3.75 s to 6.25 s
            // in which nobody waits for one holder alone. All of the holds together take longer than that.
            let handlers = try (0..<5)
                .map { _ in
                    try MemcachedSessionHandler(server.address) {
                        $0.locking.minimumWait = .seconds(1)
                        $0.locking.maximumWait = .seconds(1)
                        $0.locking.timeout = .seconds(120)
                    }
                }
            let id = try await handlers[0].makeSession()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        _ = try await handlers[number % 5]
                            .withSession(id: id) { session in
                                let count = session["count", default: 0]
                                try await Task.sleep(for: .milliseconds(160))
                                session["count"] = count + 1
                            }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await handlers[0].reload(id) == 41)
        }
    }

    @Test func `control: without locks and with a pause counts are lost, and CAS says so`() async throws {
        try await withMemcached { server in
            let handlers = try (0..<5)
                .map { _ in
                    try MemcachedSessionHandler(server.address) { $0.locking.isEnabled = false }
                }
            let id = try await handlers[0].makeSession()
            let codes = await withTaskGroup(of: MemcachedSessionError.Code?.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        await sessionError {
                            try await handlers[number % 5]
                                .withSession(id: id) { session in
                                    let count = session["count", default: 0]
                                    try await Task.sleep(for: .milliseconds(20))
                                    session["count"] = count + 1
                                }
                        }?
                        .code
                    }
                }
                return await group.reduce(into: [MemcachedSessionError.Code?]()) { $0.append($1) }
            }
            let successes = codes.count { $0 == nil }
            #expect(successes < 40)
            #expect(codes.allSatisfy { $0 == nil || $0 == .conflict })
            // What was reported as stored was stored, and nothing else.
            #expect(try await handlers[0].reload(id) == successes + 1)
        }
    }

    @Test func `a session that is held for longer than PHP waits is reported as locked, not as an outage`() async throws
    {
        try await withMemcached { server in
            let first = try MemcachedSessionHandler(server.address)
            let second = try MemcachedSessionHandler(server.address) { $0.locking.retries = 1 }
            let id = try await first.makeSession()
            _ = try await first.withSession(id: id) { _ in
                let error = await sessionError { try await second.reload(id) }
                #expect(error?.code == .locked)
            }
            #expect(try await second.reload(id) == 1)
        }
    }

    @Test func `a thousand cancellations at random instants leave no lock`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(
                upstream: server.address,
                plan: FaultPlan([.init(.delay(.zero ... .milliseconds(3)))]),
                seed: 7
            ) { proxy in
                let direct = try MemcachedSessionHandler(server.address)
                // A lease that outlives the test by far, so that a lock left behind is seen.
                let handler = try MemcachedSessionHandler(proxy.address) {
                    $0.locking.lease = .seconds(3_600)
                    $0.locking.releaseTimeout = .seconds(30)
                    $0.client.timeouts.operation = .seconds(30)
                }
                #expect(await eventually { await isWarm(handler) })
                var ids: [String] = []
                for _ in 0..<25 { ids.append(try await direct.makeSession()) }
                var succeeded = 0
                var cancelled = 0
                var other: [any Error] = []
                // How long requests take when nobody cancels them. Each is cancelled somewhere within that, and what a
                // busy machine makes of it is corrected round by round: a thousand are to end early, and some are not.
                let began = ContinuousClock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in ids + ids { group.addTask { _ = try await handler.reload(id) } }
                    try await group.waitForAll()
                }
                var span = ContinuousClock.now - began
                for _ in 0..<1_000 where cancelled < 1_000 || succeeded < 100 {
                    let results = await withTaskGroup(of: Result<Int, any Error>.self) { group in
                        for number in 0..<50 {
                            group.addTask { [id = ids[number % 25], span] in
                                let task = Task { try await handler.reload(id) }
                                try? await Task.sleep(for: span * Double.random(in: 0...1))
                                task.cancel()
                                return await task.result
                            }
                        }
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    var early = 0
                    for result in results {
                        switch result {
                        case .success: succeeded += 1
                        case .failure(let error as MemcachedSessionError) where error.code == .cancelled: early += 1
                        case .failure(let error): other.append(error)
                        }
                    }
                    cancelled += early
                    if early < 20 { span = span * 0.7 } else if early > 40 { span = span * 1.4 }
                }
                #expect(other.isEmpty, "\(other)")
                #expect(cancelled >= 1_000 && succeeded >= 100, "cancelled: \(cancelled), succeeded: \(succeeded)")
                #expect(try await eventually { try await server.stat("curr_items") == 25 })
                let peer = try await Peer.connect(server)
                for id in ids { #expect(try await peer.lock(id) == nil) }
                // Every success counted once.
                var counts = 0
                for id in ids { counts += try await direct.reload(id) - 1 }
                #expect(counts == succeeded + 50)
            }
        }
    }

    @Test func `timeouts at random instants leave no lock`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address, seed: 8) { proxy in
                let direct = try MemcachedSessionHandler(server.address)
                // Long enough that a busy machine does not decide which answers are late, and short against the delays.
                // A release has all the time that a machine may stand still: what it could not delete would stay.
                let handler = try MemcachedSessionHandler(proxy.address) {
                    $0.locking.lease = .seconds(3_600)
                    $0.locking.releaseTimeout = .seconds(30)
                    $0.locking.retries = 0
                    $0.client.timeouts.operation = .milliseconds(100)
                }
                #expect(await eventually(within: .seconds(60)) { await isWarm(handler) })
                proxy.plan = FaultPlan([.init(.delay(.zero ... .milliseconds(150)))])
                var ids: [String] = []
                for _ in 0..<25 { ids.append(try await direct.makeSession()) }
                let failures = await withTaskGroup(of: Int.self) { group in
                    for id in ids {
                        group.addTask {
                            var failures = 0
                            for _ in 0..<8 where await sessionError({ try await handler.reload(id) }) != nil {
                                failures += 1
                            }
                            return failures
                        }
                    }
                    return await group.reduce(0, +)
                }
                #expect(failures > 0)
                proxy.plan = .none
                // A probe that timed out leaves its key behind for 10 s.
                let isClean = try await eventually(within: .seconds(60)) { try await server.stat("curr_items") == 25 }
                #expect(isClean)
                let peer = try await Peer.connect(server)
                for id in ids { #expect(try await peer.lock(id) == nil) }
            }
        }
    }
}
