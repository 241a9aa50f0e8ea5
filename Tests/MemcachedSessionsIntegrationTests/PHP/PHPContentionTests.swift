import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// One session in the hands of four PHP processes and four Swift handlers at a time, each with connections and a queue of
/// its own, all with the default schedule for locks.
@Suite struct PHPContentionTests {
    private static let id = "0123456789abcdefghijklmnopqrstuv"

    /// What one worker tried.
    private struct Tally {
        var stored = 0
        var refused = 0
        var others: [String] = []
    }

    private static func swiftWorker(_ server: MemcachedProcess, tries: Int) async throws -> Tally {
        let handler = try MemcachedSessionHandler(server.address) { $0.format = .php }
        var tally = Tally()
        for _ in 0..<tries {
            do {
                _ = try await handler.withSession(id: id) { session in
                    let count = session["count", default: 0]
                    try await Task.sleep(for: .milliseconds(20))
                    session["count"] = count + 1
                }
                tally.stored += 1
            } catch let error as MemcachedSessionError where error.code == .locked {
                tally.refused += 1
            } catch {
                tally.others.append("\(error)")
            }
        }
        return tally
    }

    private static func phpWorker(_ server: MemcachedProcess, _ number: Int, tries: Int) async throws -> Tally {
        // The first session is the worker's own: only then come the attempts, whose warnings are expected.
        let own = "php-worker-php-worker-php-\(number)"
        let printed = try await PHPPeer(server: server, format: .php)
            .request(
                own,
                """
                session_write_close();
                set_error_handler(function () { return true; });
                $stored = 0; $refused = 0;
                for ($try = 0; $try < \(tries); $try++) {
                    session_id('\(id)');
                    if (!session_start()) { $refused++; continue; }
                    $count = $_SESSION['count'];
                    usleep(20000);
                    $_SESSION['count'] = $count + 1;
                    session_write_close();
                    $stored++;
                }
                session_id('\(own)');
                session_start();
                echo "$stored $refused";
                """
            )
        let numbers = printed.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw PHPPeer.Failure(description: "PHP printed \(printed)") }
        return Tally(stored: numbers[0], refused: numbers[1])
    }

    @Test func `no count is lost between PHP and Swift, and few attempts fail`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            try await peer.set(Peer.prefix + Self.id, "count|i:0;")
            let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
                for number in 0..<4 {
                    group.addTask { try await Self.swiftWorker(server, tries: 63) }
                    group.addTask { try await Self.phpWorker(server, number, tries: 62) }
                }
                return try await group.reduce(into: [Tally]()) { $0.append($1) }
            }
            let stored = tallies.map(\.stored).reduce(0, +)
            let refused = tallies.map(\.refused).reduce(0, +)
            #expect(tallies.flatMap(\.others) == [])
            #expect(stored + refused == 500)
            #expect(try await peer.session(Self.id) == "count|i:\(stored);")
            #expect(stored >= 430, "\(tallies.map { "\($0.stored)/\($0.refused)" })")
            #expect(try await peer.lock(Self.id) == nil)
        }
    }
}
