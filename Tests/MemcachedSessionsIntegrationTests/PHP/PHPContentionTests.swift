import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// One session in the hands of four PHP and four Swift processes at a time, all with the default schedule for locks.
///
/// Each side goes through a proxy of its own that changes nothing and counts what the server answered.
@Suite(.timeLimit(.minutes(5))) struct PHPContentionTests {
    private static let id = "0123456789abcdefghijklmnopqrstuv"
    private static let exists: UInt16 = 0x02

    /// What one process tried.
    private struct Tally {
        var stored = 0
        /// The code of each failure, or what PHP warned of.
        var failures: [String] = []
    }

    /// What came of a run.
    private struct Run {
        var php: [Tally] = []
        var swift: [Tally] = []
        /// ADDs that the server refused because the item was there.
        var refusedPHP = 0
        var refusedSwift = 0
        /// The session at the end.
        var session: String?
        var lock: String?

        var stored: Int { (php + swift).map(\.stored).reduce(0, +) }
        var failuresOfPHP: [String] { php.flatMap(\.failures) }
        var failuresOfSwift: [String] { swift.flatMap(\.failures) }
        var failed: Int { failuresOfPHP.count + failuresOfSwift.count }
    }

    private static func swiftWorker(_ proxy: FaultProxy, tries: Int, isLocked: Bool) async throws -> Tally {
        let words = try await SwiftWorker.run(
            ["\(proxy.address)", id, "\(tries)", isLocked ? "locked" : "unlocked"]
        )
        guard let stored = words.first.flatMap({ Int($0) }) else {
            throw SwiftWorker.Failure(description: "it printed \(words)")
        }
        return Tally(stored: stored, failures: Array(words.dropFirst()))
    }

    private static func phpWorker(
        _ proxy: FaultProxy,
        _ number: Int,
        tries: Int,
        isLocked: Bool
    ) async throws -> Tally {
        // The first session is the process's own: only then come the attempts, whose warnings are expected.
        let own = "php-worker-php-worker-php-\(number)"
        let printed = try await PHPPeer(address: proxy.address, format: .php)
            .request(
                own,
                """
                session_write_close();
                ini_set('memcached.sess_locking', '\(isLocked ? 1 : 0)');
                $warnings = [];
                set_error_handler(function ($number, $message) use (&$warnings) { $warnings[] = $message; return true; });
                $stored = 0; $failures = [];
                for ($try = 0; $try < \(tries); $try++) {
                    $warnings = [];
                    session_id('\(id)');
                    if (!session_start()) {
                        $failures[] = implode(' / ', $warnings);
                    } else {
                        $count = $_SESSION['count'];
                        usleep(20000);
                        $_SESSION['count'] = $count + 1;
                        if (session_write_close()) { $stored++; } else { $failures[] = implode(' / ', $warnings); }
                    }
                    usleep(random_int(100000, 300000));
                }
                session_id('\(own)');
                session_start();
                echo $stored, "\\n", implode("\\n", $failures), "\\n";
                """
            )
        let lines = printed.split(separator: "\n").map(String.init)
        guard let stored = lines.first.flatMap({ Int($0) }) else {
            throw PHPPeer.Failure(description: "PHP printed \(printed)")
        }
        return Tally(stored: stored, failures: Array(lines.dropFirst()))
    }

    /// Lets four processes of each kind increment one count, 500 times in all unless told otherwise.
    private static func run(isLocked: Bool, tries: (swift: Int, php: Int) = (63, 62)) async throws -> Run {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + id, "count|i:0;")
            return try await withFaultProxy(upstream: server.address) { swiftProxy in
                try await withFaultProxy(upstream: server.address) { phpProxy in
                    var run = Run()
                    run = try await withThrowingTaskGroup(of: (isPHP: Bool, tally: Tally).self) { group in
                        for number in 0..<4 {
                            group.addTask {
                                (false, try await swiftWorker(swiftProxy, tries: tries.swift, isLocked: isLocked))
                            }
                            group.addTask {
                                (true, try await phpWorker(phpProxy, number, tries: tries.php, isLocked: isLocked))
                            }
                        }
                        return try await group.reduce(into: Run()) { run, worker in
                            if worker.isPHP { run.php.append(worker.tally) } else { run.swift.append(worker.tally) }
                        }
                    }
                    run.refusedPHP = phpProxy.counts.answers[Opcode.add]?[exists] ?? 0
                    run.refusedSwift = swiftProxy.counts.answers[Opcode.add]?[exists] ?? 0
                    run.session = try await peer.session(id)
                    run.lock = try await peer.lock(id)
                    return run
                }
            }
        }
    }

    @Test func `no count is lost between PHP and Swift processes, and few attempts fail`() async throws {
        let run = try await Self.run(isLocked: true)
        let summary = "\(run)"
        #expect(run.stored + run.failed == 500)
        #expect(run.session == "count|i:\(run.stored);", "\(summary)")
        #expect(run.stored >= 430, "\(summary)")
        #expect(run.refusedPHP >= 100, "\(summary)")
        #expect(run.refusedSwift >= 100, "\(summary)")
        // Every failure says that another request held the session.
        #expect(run.failuresOfSwift.allSatisfy { $0 == "locked" }, "\(summary)")
        #expect(run.failuresOfPHP.allSatisfy { $0.contains("session lock record") }, "\(summary)")
        #expect(run.lock == nil)
    }

    @Test func `control: the same without locks loses counts`() async throws {
        let run = try await Self.run(isLocked: false, tries: (40, 40))
        #expect(run.stored + run.failed == 320)
        let count = run.session.flatMap { Int($0.dropFirst("count|i:".count).dropLast()) }
        // Swift notices what was changed under it; PHP does not, and overwrites what others have stored.
        #expect(try #require(count) < run.stored, "\(run)")
        #expect(run.failuresOfSwift.allSatisfy { $0 == "conflict" }, "\(run)")
        #expect(run.failuresOfPHP.isEmpty, "\(run)")
    }
}
