import Foundation
import Memcached
import MemcachedHashing
import MemcachedTestSupport
import Testing

/// Real keys on real servers: what PHP stores the client finds, on the server that the ring names, and the other way
/// round.
@Suite(.serialized) struct StoredKeyTests {
    private struct Question: Encodable {
        let steps: [Step]
        let servers: [ServerByKeyTests.Server]
        let keys: [String]
    }

    static let settings = Setting.all.filter {
        [
            "nothing", "consistent", "consistent last", "libketama", "libketama, consistent", "sorted libketama",
            "a prefix", "a prefix in the hash, consistent", "modula crc", "consistent murmur", "buckets fnv1a_64",
        ]
        .contains($0.description)
    }

    private static func withServers(
        _ count: Int,
        _ body: ([MemcachedProcess]) async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body([]) }
        try await withMemcached { server in
            try await withServers(count - 1) { try await body([server] + $0) }
        }
    }

    @Test func `PHP and the client find each other's keys`() async throws {
        #expect(Self.settings.count == 11)
        try await Self.withServers(5) { processes in
            // Weights that matter, where they do.
            let servers = try processes.enumerated()
                .map { number, process in
                    guard case .tcp(let host, let port) = process.address else {
                        throw PHP.Failure(description: "not a TCP server")
                    }
                    return ServerByKeyTests.Server(host, port, weight: 1 + number % 3)
                }
            for setting in Self.settings { try await exchange(setting, servers) }
        }
    }

    private func exchange(_ setting: Setting, _ servers: [ServerByKeyTests.Server]) async throws {
        var configuration = MemcachedConfiguration(
            servers: try servers.map {
                .tcp($0.host, port: try #require(UInt16(exactly: $0.port)), weight: UInt32($0.weight))
            }
        )
        configuration.selection = setting.selection
        configuration.namespace = setting.namespace
        configuration.timeouts.operation = .seconds(60)
        let client = try MemcachedClient(configuration)
        try await client.flush()
        let ring = try ServerRing(
            servers: servers.map { RingServer(host: $0.host, port: $0.port, weight: $0.weight) },
            selection: setting.selection,
            namespace: Array(setting.namespace.utf8)
        )
        let keys = Array(Set(sampleKeys(200, seed: 11, longest: 60)))
        let texts = keys.map { Data($0).base64EncodedString() }
        let question = Question(steps: setting.steps, servers: servers, keys: texts)

        // PHP stores, the client finds.
        let stored = try await PHP.run(
            """
            $m = configured($input['steps'], $input['servers']);
            foreach ($input['keys'] as $key) {
                check($m->set(base64_decode($key, true), "php $key"), 'set: ' . $m->getResultMessage());
            }
            echo json_encode(count($input['keys']));
            """,
            input: question,
            as: Int.self
        )
        #expect(stored == keys.count)
        for (index, server) in configuration.servers.enumerated() {
            var single = configuration
            single.servers = [server]
            single.selection = .default
            let one = try MemcachedClient(single)
            for (key, text) in zip(keys, texts) {
                let key = MemcachedKey(bytes: key)
                let isHere = ring.index(forKey: key.bytes) == index
                let item = try await one.get(key)
                #expect(item?.text == (isHere ? "php \(text)" : nil), "\(setting): \(text)")
                if isHere { #expect(client.server(of: key) == server) }
            }
            await one.shutdown()
        }
        for (key, text) in zip(keys, texts) {
            let key = MemcachedKey(bytes: key)
            #expect(try await client.get(key)?.text == "php \(text)", "\(setting): \(text)")
            try await client.set(key, to: "swift \(text)")
        }
        await client.shutdown()

        // The client stored, PHP finds.
        let found = try await PHP.run(
            """
            $m = configured($input['steps'], $input['servers']);
            $found = 0;
            foreach ($input['keys'] as $key) {
                if ($m->get(base64_decode($key, true)) === "swift $key") $found++;
            }
            echo json_encode($found);
            """,
            input: question,
            as: Int.self
        )
        #expect(found == keys.count, "\(setting)")
    }
}
