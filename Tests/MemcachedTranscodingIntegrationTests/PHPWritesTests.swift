import Foundation
import Memcached
import MemcachedTestSupport
import MemcachedZlib
import NIOCore
import Testing

/// PHP's Memcached class writes, the client reads.
@Suite struct PHPWritesTests {
    private let transcoder = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])

    private func client(_ server: MemcachedProcess) throws -> MemcachedClient {
        try MemcachedClient(MemcachedConfiguration(server, transcoder: transcoder))
    }

    @Test func `strings, numbers and booleans are read as what they are`() async throws {
        try await withMemcached { server in
            _ = try await PHP.run(
                """
                check($m->set('empty', ''));
                check($m->set('text', 'héllo'));
                check($m->set('bytes', "\\x00\\xff\\n\\x80"));
                check($m->set('min', PHP_INT_MIN));
                check($m->set('max', PHP_INT_MAX));
                check($m->set('half', 10 / 4));
                check($m->set('whole', 10 / 2));
                check($m->set('nan', INF - INF));
                check($m->set('true', true));
                check($m->set('false', false));
                $m->setOption(Memcached::OPT_USER_FLAGS, 4660);
                check($m->set('flagged', 'text'));
                """,
                on: server
            )
            let client = try client(server)
            #expect(try await client.get("empty", as: String.self) == "")
            #expect(try await client.get("text", as: String.self) == "héllo")
            #expect(try await client.get("bytes", as: [UInt8].self) == [0x00, 0xFF, 0x0A, 0x80])
            #expect(try await client.get("min", as: Int64.self) == .min)
            #expect(try await client.get("max", as: Int.self) == .max)
            #expect(try await client.get("half", as: Double.self) == 2.5)
            #expect(try await client.get("whole", as: Double.self) == 5)
            #expect(try await client.get("nan", as: Double.self)?.isNaN == true)
            #expect(try await client.get("true", as: Bool.self) == true)
            #expect(try await client.get("false", as: Bool.self) == false)
            #expect(try await client.get("flagged", as: String.self) == "text")
            #expect(try await client.get("flagged")?.flags == 4_660 << 16)
            await #expect(throws: MemcachedError.self) { try await client.get("max", as: Int32.self) }
            await #expect(throws: MemcachedError.self) { try await client.get("text", as: Int.self) }
        }
    }

    @Test func `counters are read as numbers whoever began and changed them`() async throws {
        try await withMemcached { server in
            _ = try await PHP.run(
                """
                check($m->set('int', 100));
                check($m->set('string', '100'));
                check($m->increment('initial', 1, 100) === 100);
                foreach (['int', 'string', 'initial'] as $key) { check($m->decrement($key, 95) !== false); }
                """,
                on: server
            )
            let client = try client(server)
            for key: MemcachedKey in ["int", "string", "initial"] {
                #expect(try await client.get(key, as: Int.self) == 5)
                #expect(try await client.get(key)?.text == "5  ")
            }
        }
    }

    @Test func `each serializer's values reach their reader, compressed or not`() async throws {
        try await withMemcached { server in
            let printed = try await PHP.run(
                """
                $serializers = [
                    'serialize()' => [Memcached::SERIALIZER_PHP, fn($v) => serialize($v)],
                    'igbinary' => [Memcached::SERIALIZER_IGBINARY, fn($v) => igbinary_serialize($v)],
                    'msgpack' => [Memcached::SERIALIZER_MSGPACK, fn($v) => msgpack_pack($v)],
                ];
                $value = array_map(fn($i) => ['id' => $i % 7, 'name' => "name $i"], range(1, 900));
                foreach ($serializers as $name => [$option, $serialize]) {
                    $m->setOption(Memcached::OPT_SERIALIZER, $option);
                    foreach ([false, Memcached::COMPRESSION_ZLIB, Memcached::COMPRESSION_FASTLZ] as $compression) {
                        $m->setOption(Memcached::OPT_COMPRESSION, $compression !== false);
                        if ($compression) $m->setOption(Memcached::OPT_COMPRESSION_TYPE, $compression);
                        $key = str_replace('()', '', $name) . (int)$compression;
                        check($m->set($key, $value));
                        echo "$key $name ", base64_encode($serialize($value)), "\\n";
                    }
                }
                """,
                on: server
            )
            #expect(printed.count == 9)
            let plain = try client(server)
            var configuration = MemcachedConfiguration(server, transcoder: transcoder)
            configuration.transcoder = .phpMemcached(
                algorithms: [MemcachedZlibAlgorithm()],
                deserializers: [BytesReader(.php), BytesReader(.igbinary), BytesReader(.msgpack)]
            )
            let reading = try MemcachedClient(configuration)
            for line in printed {
                let parts = line.split(separator: " ").map(String.init)
                let key = MemcachedKey(parts[0])
                let expected = try #require(Data(base64Encoded: parts[2]))
                #expect(try await reading.get(key, as: [UInt8].self) == Array(expected))
                let error = await #expect(throws: MemcachedError.self) { try await plain.get(key, as: [UInt8].self) }
                #expect(error?.code == .decodingFailed)
                #expect(error?.detail.contains(parts[1]) == true)
                let flags = try #require(try await reading.get(key)).flags
                #expect(flags & 0x10 == (parts[0].hasSuffix("0") ? 0 : 0x10))
            }
        }
    }

    @Test func `JSON is read, compressed or not`() async throws {
        struct Row: Codable, Equatable, Sendable {
            var id: Int
            var name: String
            var share: Double
        }
        let expected = (1...300).map { Row(id: $0, name: "Zeile/\($0) ü", share: Double($0) / 8) }
        try await withMemcached { server in
            _ = try await PHP.run(
                """
                $m->setOption(Memcached::OPT_SERIALIZER, Memcached::SERIALIZER_JSON);
                $value = array_map(fn($i) => ['id' => $i, 'name' => "Zeile/$i ü", 'share' => $i / 8], range(1, 300));
                check($m->set('fastlz', $value));
                $m->setOption(Memcached::OPT_COMPRESSION_TYPE, Memcached::COMPRESSION_ZLIB);
                check($m->set('zlib', $value));
                $m->setOption(Memcached::OPT_COMPRESSION, false);
                check($m->set('plain', $value));
                check($m->set('null', null));
                check($m->set('encoded', json_encode($value)));
                """,
                on: server
            )
            let client = try client(server)
            for key: MemcachedKey in ["fastlz", "zlib", "plain", "encoded"] {
                #expect(try await client.get(key, as: [Row].self) == expected)
            }
            let null = try await client.get("null", as: Row?.self)
            #expect(null == .some(nil))
        }
    }
}

/// Gives out the bytes of a serialised value.
private struct BytesReader: MemcachedPHPSerializer {
    struct Refusal: Error {}

    let serialization: MemcachedPHPSerialization

    init(_ serialization: MemcachedPHPSerialization) {
        self.serialization = serialization
    }

    func serialize<Value: Encodable & Sendable>(_ value: Value) throws -> ByteBuffer { throw Refusal() }

    func deserialize<Value: Decodable & Sendable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        guard let value = Array(bytes.readableBytesView) as? Value else { throw Refusal() }
        return value
    }
}
