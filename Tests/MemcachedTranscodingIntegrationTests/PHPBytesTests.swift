import Foundation
import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// The bytes that the client stores are the bytes that PHP's Memcached class stores.
@Suite struct PHPBytesTests {
    /// Floats of every size and of many lengths.
    private static let floats: [Double] = {
        var generator = SeededGenerator(seed: 0x5EED_0010)
        var numbers: [Double] = [0.0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
        for exponent in -1_074...1_023 {
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            numbers += [power, power.nextUp, power.nextDown]
        }
        for exponent in -30...30 {
            for _ in 0..<20 {
                let sign = generator.below(2) == 0 ? "" : "-"
                numbers.append(Double("\(sign)\(generator.below(1_000_000))e\(exponent)") ?? .nan)
            }
        }
        for _ in 0..<6_000 { numbers.append(Double(bitPattern: generator.next())) }
        return numbers.filter { !$0.isNaN }
    }()

    @Test func `floats have the text of PHP`() async throws {
        let numbers = Self.floats
        try await withMemcached { server in
            _ = try await PHP.run(
                """
                foreach ($lines as $i => $line) check($m->set("f$i", unpack('E', hex2bin($line))[1]));
                """,
                input: numbers.map { hexadecimal($0.bitPattern) },
                on: server
            )
            let transcoder = MemcachedPHPTranscoder()
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: transcoder))
            let keys = numbers.indices.map { MemcachedKey("f\($0)") }
            let items = try await client.get(keys)
            #expect(items.count == numbers.count)
            for (key, number) in zip(keys, numbers) {
                await Task.yield()
                let item = try #require(items[key])
                let written = try transcoder.encode(number)
                #expect(MemcachedPayload(bytes: item.value, flags: item.flags) == written)
                #expect(try transcoder.decode(Double.self, from: written).bitPattern == number.bitPattern)
            }
        }
    }

    @Test func `PHP reads the floats that the client wrote bit by bit`() async throws {
        let numbers = Self.floats
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: .phpMemcached()))
            var values: [MemcachedKey: Double] = [:]
            for (index, number) in numbers.enumerated() { values[MemcachedKey("f\(index)")] = number }
            _ = try await client.setMany(values).get()
            let printed = try await PHP.run(
                """
                for ($i = 0; $i < (int)$lines[0]; $i++) {
                    $value = $m->get("f$i");
                    check(is_float($value));
                    echo bin2hex(pack('E', $value)), "\\n";
                }
                """,
                input: ["\(numbers.count)"],
                on: server
            )
            #expect(printed == numbers.map { hexadecimal($0.bitPattern) })
        }
    }

    @Test func `FastLZ blocks are those of PHP, at both levels`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0011)
        let lengths =
            [2_000, 2_001, 65_535, 65_536, 65_537]
            + (0..<60).map { _ in 2_000 + generator.below(60_000) }
            + (0..<25).map { _ in 65_536 + generator.below(250_000) }
        let contents = lengths.map { ByteBuffer(bytes: generator.compressibleBytes($0)) }
        try await withMemcached(.init(arguments: ["-m", "256"])) { server in
            let transcoder = MemcachedPHPTranscoder(compression: .fastLZ)
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: transcoder))
            for (number, content) in contents.enumerated() {
                try await client.set(MemcachedKey("in\(number)"), to: content, flags: 0)
            }
            let printed = try await PHP.run(
                """
                $m->setOption(Memcached::OPT_COMPRESSION_TYPE, Memcached::COMPRESSION_FASTLZ);
                for ($i = 0; $i < (int)$lines[0]; $i++) {
                    $value = $m->get("in$i");
                    check(is_string($value));
                    check($m->set("out$i", $value));
                }
                """,
                input: ["\(contents.count)"],
                on: server
            )
            #expect(printed.isEmpty)
            var compressed = 0
            for (number, content) in contents.enumerated() {
                let key = MemcachedKey("out\(number)")
                let item = try #require(try await client.get(key))
                #expect(MemcachedPayload(bytes: item.value, flags: item.flags) == (try transcoder.encode(content)))
                #expect(try await client.get(key, as: ByteBuffer.self) == content)
                if item.flags == 0x50 { compressed += 1 }
            }
            #expect(compressed > contents.count / 2)
        }
    }

    private func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
