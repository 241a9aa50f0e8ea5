import Crypto
import Testing

@testable import Memcached

/// Keys of SCRAM and the few of them that are remembered.
@Suite struct SCRAMKeysTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func derivation(_ password: String = "password", iterations: Int = 1) -> SCRAMDerivation {
        SCRAMDerivation(hash: .sha1, password: Array(password.utf8), salt: Array("salt".utf8), iterations: iterations)
    }

    /// RFC 6070 section 2; for the other two hashes as Python's `hashlib.pbkdf2_hmac` has it.
    @Test(arguments: [
        (
            1, "0c60c80f961f0e71f3a9b524af6012062fe037a6",
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"
        ),
        (
            2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"
        ),
        (
            4_096, "4b007901b765489abead49d926f721d065a429c1",
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
        ),
    ])
    func `passwords are hashed as PBKDF2 has it`(iterations: Int, sha1: String, sha256: String) {
        let derivation = derivation(iterations: iterations)
        #expect(hexadecimal(SCRAMKeys.iterated(Insecure.SHA1.self, derivation)) == sha1)
        #expect(hexadecimal(SCRAMKeys.iterated(SHA256.self, derivation)) == sha256)
    }

    @Test func `a password longer than the hash's block is hashed first`() {
        let derivation = derivation(String(repeating: "p", count: 200), iterations: 3)
        #expect(
            hexadecimal(SCRAMKeys.iterated(SHA256.self, derivation))
                == "c3746a40fee94fff56265bb39a06f4217558d915d0dd91256d893330a23ba3f4"
        )
    }

    @Test func `a SHA-512 of the iterated hash is PBKDF2's`() {
        #expect(
            hexadecimal(SCRAMKeys.iterated(SHA512.self, derivation(iterations: 2)))
                == "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
                + "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e"
        )
    }

    @Test func `printing keys and what they come from shows nothing`() {
        let derivation = derivation("s3cret")
        let keys = SCRAMKeys(derivation)
        var cache = SCRAMKeyCache()
        cache.insert(keys, for: derivation)
        for value in [derivation, keys, cache] as [Any] {
            var text = "\(value)" + String(reflecting: value)
            dump(value, to: &text)
            #expect(!text.contains("s3cret"))
            #expect(!text.contains("salt"))
            #expect(text.contains("redacted"))
        }
    }

    @Test func `the keys derived last are remembered, no others`() {
        var cache = SCRAMKeyCache(capacity: 2)
        let derivations = ["a", "b", "c"].map { derivation($0) }
        for derivation in derivations { cache.insert(SCRAMKeys(derivation), for: derivation) }
        #expect(cache[derivations[0]] == nil)
        #expect(cache[derivations[1]] != nil)
        #expect(cache[derivations[2]] != nil)
        cache.removeAll()
        #expect(cache[derivations[2]] == nil)
    }

    @Test func `other salts, counts and hashes are other keys`() {
        var cache = SCRAMKeyCache()
        let known = derivation()
        cache.insert(SCRAMKeys(known), for: known)
        #expect(cache[known] != nil)
        for change in [{ $0.salt = [1] }, { $0.iterations = 2 }, { $0.hash = .sha256 }, { $0.password = [1] }]
            as [(inout SCRAMDerivation) -> Void]
        {
            var other = known
            change(&other)
            #expect(cache[other] == nil)
        }
    }
}
