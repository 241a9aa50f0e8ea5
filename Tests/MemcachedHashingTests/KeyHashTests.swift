import Foundation
import MemcachedHashing
import Testing

@Suite struct KeyHashTests {
    @Test(arguments: [
        ("hash_functions.jsonl", 780), ("hash_functions_hsieh.jsonl", 78), ("hash_functions_unsigned_char.jsonl", 168),
    ])
    func `every row of libhashkit's own answers is met`(file: String, count: Int) throws {
        let functions = try HashRow.byFunction(file)
        #expect(functions.map(\.rows.count).reduce(0, +) == count)
        for (function, rows) in functions {
            let keyHash = try #require(ServerSelection.KeyHash(rawValue: function))
            let wrong = rows.filter { keyHash.hash(of: $0.keyBase64, byteSign: $0.byteSign) != $0.hash }
            #expect(wrong.isEmpty, "\(function): \(wrong.map { $0.keyBase64.base64EncodedString() })")
        }
    }

    @Test func `every hash that libmemcached and spymemcached assert is met`() throws {
        let rows = try Fixture.rows("peer_fixtures.jsonl", as: PeerRow.self).compactMap(\.hash)
        #expect(rows.count == 230)
        for row in rows {
            let keyHash = try #require(ServerSelection.KeyHash(rawValue: row.algo))
            #expect(keyHash.hash(of: row.keyBase64) == row.hash, "\(row.source ?? "") \(row.algo)")
        }
    }

    @Test(
        arguments: [
            (.oneAtATime, 0), (.md5, 3_649_838_548), (.crc, 0), (.fnv1_64, 2_216_829_733), (.fnv1a_64, 2_216_829_733),
            (.fnv1_32, 2_166_136_261), (.fnv1a_32, 2_166_136_261), (.hsieh, 0), (.murmur, 0), (.jenkins, 3_735_928_572),
            (.murmur3, 0),
        ] as [(ServerSelection.KeyHash, UInt32)]
    )
    func `the empty key has the hash that libmemcached gives it`(keyHash: ServerSelection.KeyHash, hash: UInt32) {
        #expect(keyHash.hash(of: []) == hash)
    }

    @Test func `the raw values are libmemcached's names`() {
        #expect(
            ServerSelection.KeyHash.allCases.map(\.rawValue) == [
                "default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur", "jenkins",
                "murmur3",
            ]
        )
    }

    @Test(arguments: ServerSelection.KeyHash.allCases)
    func `a key hashes the same wherever its bytes lie`(keyHash: ServerSelection.KeyHash) {
        for key in randomKeys(40, seed: 1) {
            let hash = keyHash.hash(of: key)
            // Scattered: a collection without contiguous storage. Shifted: every alignment.
            #expect(keyHash.hash(of: key.lazy.map { $0 }) == hash)
            for shift in 1..<8 {
                let shifted = Array(repeating: 0xff, count: shift) + key + [0xff]
                #expect(keyHash.hash(of: shifted[shift..<(shift + key.count)]) == hash)
            }
        }
    }

    @Test(arguments: ServerSelection.KeyHash.allCases)
    func `the sign of bytes matters to some functions and above 127 only`(keyHash: ServerSelection.KeyHash) {
        let ascii = randomKeys(40, seed: 2).map { $0.map { $0 & 0x7f } }
        for key in ascii {
            #expect(keyHash.hash(of: key, byteSign: .signed) == keyHash.hash(of: key, byteSign: .unsigned))
        }

        let accented = Array("clé".utf8) + [0xff, 0xfe, 0xfd]
        let differs = keyHash.hash(of: accented, byteSign: .signed) != keyHash.hash(of: accented, byteSign: .unsigned)
        let signed: Set<ServerSelection.KeyHash> = [.oneAtATime, .fnv1_64, .fnv1a_64, .fnv1_32, .fnv1a_32, .hsieh]
        #expect(differs == signed.contains(keyHash))
    }

    @Test func `the CRC is bits 16 to 30 of the published check value`() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        #expect(ServerSelection.KeyHash.crc.hash(of: Array("123456789".utf8)) == (0xcbf4_3926 >> 16) & 0x7fff)
    }
}
