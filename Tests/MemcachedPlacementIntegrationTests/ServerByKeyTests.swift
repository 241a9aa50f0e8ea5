import Foundation
import MemcachedHashing
import Testing

/// `Memcached::getServerByKey` of the real extension, asked about each setting, list of servers and key.
@Suite struct ServerByKeyTests {
    struct Server: Encodable, Sendable {
        let host: String
        let port: Int
        let weight: Int

        init(_ host: String, _ port: Int = 11_211, weight: Int = 1) {
            self.host = host
            self.port = port
            self.weight = weight
        }

        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(host)
            try list.encode(port)
            try list.encode(weight)
        }
    }

    private struct Question: Encodable {
        let steps: [Step]
        let lists: [[Server]]
        let keys: [String]
    }

    /// 25 and 47 equal servers have 156 points each instead of 160; beyond 100 libmemcached aborts.
    static let lists: [[Server]] = [
        [Server("10.0.0.1"), Server("10.0.0.2")],
        [Server("cache-c", 11_212), Server("cache-a"), Server("cache-b", 11_213), Server("cache-a", 11_210)],
        [Server("10.1.0.1", weight: 600), Server("10.1.0.2", weight: 300), Server("10.1.0.3", weight: 1)],
        [Server("[::1]", 12_000, weight: 2), Server("::1", 12_001), Server("/run/memcached.sock", 0, weight: 5)],
        (1...10).map { Server("10.2.0.\($0)", 11_210 + $0 % 3) },
        (1...25).map { Server("10.3.0.\($0)") },
        (1...47).map { Server("cache\($0).example", 11_300) },
        (1...100).map { Server("10.4.0.\($0)", weight: 1 + $0 % 7) },
    ]

    private let script = """
        $answers = [];
        foreach ($input['lists'] as $servers) {
            $m = configured($input['steps'], $servers);
            $answer = [];
            foreach ($input['keys'] as $key) {
                $server = $m->getServerByKey(base64_decode($key, true));
                check($server !== false, 'getServerByKey: ' . $m->getResultMessage());
                $answer[] = $server['host'] . ' ' . $server['port'];
            }
            $answers[] = $answer;
        }
        echo json_encode($answers);
        """

    @Test(arguments: Setting.all)
    func `PHP and the ring name the same server for every key`(setting: Setting) async throws {
        let keys = sampleKeys(300, seed: 7)
        let lists = Self.lists.filter { $0.count >= setting.fewestServers }
        let question = Question(
            steps: setting.steps,
            lists: lists,
            keys: keys.map { Data($0).base64EncodedString() }
        )
        let answers = try await PHP.run(script, input: question, as: [[String]].self)
        #expect(answers.count == lists.count)
        for (list, answer) in zip(lists, answers) {
            let ring = try ServerRing(
                servers: list.map { RingServer(host: $0.host, port: $0.port, weight: $0.weight) },
                selection: setting.selection,
                namespace: Array(setting.namespace.utf8)
            )
            #expect(answer.count == keys.count)
            let disagreements = zip(keys, answer)
                .filter { key, name in
                    let server = ring.servers[ring.index(forKey: key)]
                    return "\(server.host) \(server.port)" != name
                }
            #expect(disagreements.isEmpty, "\(list.count) servers: \(disagreements.count) of \(keys.count)")
        }
    }

    @Test func `every hash that PHP's library has is asked about`() {
        #expect(Set(Step.hashNumbers.keys) == Set(ServerSelection.KeyHash.allCases).subtracting([.hsieh]))
        #expect(Setting.all.count == 60)
    }
}
