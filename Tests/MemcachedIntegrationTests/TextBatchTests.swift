import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Batches of text take a short way as long as all goes well; what does not has to end as on the long one.
@Suite struct TextBatchTests {
    private func texts(_ count: Int, _ length: Int = 20) -> [MemcachedKey: String] {
        Dictionary(
            uniqueKeysWithValues: (0..<count)
                .map { (MemcachedKey("text:\($0)"), String(repeating: "\($0) ", count: length)) }
        )
    }

    @Test(arguments: [1, 2, 100, 128, 129, 500])
    func `batches of any size are stored and read`(count: Int) async throws {
        try await withMemcached { server in
            for namespace in ["", "app:"] {
                var configuration = MemcachedConfiguration(server)
                configuration.namespace = namespace
                let client = try MemcachedClient(configuration)
                let texts = texts(count)
                let stored = try await client.setMany(texts)
                #expect(stored.outcomes.count == count && stored.failures.isEmpty)
                #expect(try await client.get(texts.keys, as: String.self) == texts)
                // Keys that stand twice, and keys that are not there.
                let keys = Array(texts.keys) + ["absent", "absent"] + texts.keys.prefix(3)
                #expect(try await client.get(keys, as: String.self) == texts)
                #expect(try await client.get(keys).mapValues(\.text) == texts.mapValues { $0 as String? })
                await client.shutdown()
            }
        }
    }

    @Test(arguments: [100, 2_000, 6_000])
    func `a window of texts grows with them`(length: Int) async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            let texts = texts(100, length)
            try await client.setMany(texts).get()
            #expect(try await client.get(texts.keys, as: String.self) == texts)
            await client.shutdown()
        }
    }

    @Test func `a text that the server refuses fails alone`() async throws {
        // A memcached with such a limit ends with a segmentation fault.
        let server = try await FakeMemcachedServer.start(.init(itemSizeLimit: 10_000))
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server.address)])
        configuration.timeouts.operation = .seconds(60)
        let client = try MemcachedClient(configuration)
        var texts = texts(50)
        texts["large"] = String(repeating: "x", count: 12_000)
        let stored = try await client.setMany(texts)
        #expect(stored.failures.mapValues(\.code) == ["large": .valueTooLarge])
        #expect(stored.outcomes.count == 51)
        texts["large"] = nil
        #expect(try await client.get(Array(texts.keys) + ["large"], as: String.self) == texts)
        await client.shutdown()
        await server.stop()
    }

    @Test func `a key that cannot be sent is refused before anything is`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            for key in [MemcachedKey(""), MemcachedKey(String(repeating: "k", count: 251))] {
                let error = await failure { () async throws(MemcachedError) in
                    try await client.setMany([key: "v", "other": "w"])
                }
                #expect(error?.code == .invalidKey && error?.outcome == .notSent)
                let refusal = await failure { () async throws(MemcachedError) in
                    try await client.get([key, "other"], as: String.self)
                }
                #expect(refusal?.code == .invalidKey)
            }
            #expect(try await client.get("other") == nil)
            await client.shutdown()
        }
    }

    @Test func `what is no text is said to be none`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            try await client.set("bytes", to: ByteBuffer(bytes: [0xFF, 0xFE]), flags: 0)
            try await client.set("text", to: "v")
            let error = await failure { () async throws(MemcachedError) in
                try await client.get(["text", "bytes"], as: String.self)
            }
            #expect(error?.code == .decodingFailed)
            #expect(try await client.get(["text", "empty"], as: String.self) == ["text": "v"])
            try await client.set("empty", to: "")
            #expect(try await client.get(["text", "empty"], as: String.self) == ["text": "v", "empty": ""])
            await client.shutdown()
        }
    }

    @Test func `a read that a broken connection cuts short is read again`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = MemcachedConfiguration(servers: [MemcachedServer(proxy.address)])
                configuration.timeouts.operation = .seconds(30)
                let client = try MemcachedClient(configuration)
                let texts = texts(100)
                try await client.setMany(texts).get()
                for _ in 0..<10 {
                    proxy.closeConnections()
                    #expect(try await client.get(texts.keys, as: String.self) == texts)
                }
                await client.shutdown()
            }
        }
    }

    @Test func `batches follow their keys to several servers`() async throws {
        try await withMemcached { first in
            try await withMemcached { second in
                let client = try MemcachedClient(MemcachedConfiguration(first, second))
                let texts = texts(100)
                try await client.setMany(texts).get()
                #expect(try await client.get(texts.keys, as: String.self) == texts)
                // All at one server, which is found by the group.
                try await client.setMany(texts, routedBy: "group").get()
                #expect(try await client.get(texts.keys, as: String.self, routedBy: "group") == texts)
                await client.shutdown()
            }
        }
    }
}
