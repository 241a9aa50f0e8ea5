import Testing

@testable import Memcached

@Suite struct MemcachedKeyPolicyTests {
    private func stored(_ key: MemcachedKey, namespace: Int = 0) -> MemcachedKey {
        var policy = MemcachedKeyPolicy()
        policy.longKeys = .hash
        return policy.stored(key, namespaceLength: namespace, longest: 250)
    }

    @Test func `by default a key is stored as it is`() {
        let long = MemcachedKey(String(repeating: "k", count: 300))
        for key in [long, "sha256:x", "", "k"] {
            #expect(MemcachedKeyPolicy().stored(key, namespaceLength: 200, longest: 250) == key)
        }
    }

    @Test func `a long key is stored as its SHA-256`() {
        let key = MemcachedKey(String(repeating: "a", count: 251))
        let hashed = stored(key)
        #expect(hashed.byteCount == 71)
        #expect(hashed.description.hasPrefix("sha256:"))
        #expect(hashed.bytes.dropFirst(7).allSatisfy { "0123456789abcdef".utf8.contains($0) })
        #expect(hashed == stored(key))
        #expect(hashed != stored(MemcachedKey(String(repeating: "a", count: 252))))
    }

    @Test func `the namespace counts`() {
        let key = MemcachedKey(String(repeating: "a", count: 240))
        #expect(stored(key, namespace: 10) == key)
        #expect(stored(key, namespace: 11).byteCount == 71)
    }

    /// Else a user who may choose a short key could name another's long one.
    @Test func `nobody can name a hashed key`() {
        let hashed = stored(MemcachedKey(String(repeating: "a", count: 251)))
        #expect(stored(hashed) != hashed)
        #expect(stored("sha256:").byteCount == 71)
        #expect(stored("SHA256:") == "SHA256:")
    }

    @Test(arguments: [
        ("user:42", true), ("grün", true), ("a b", false), ("a\tb", false), ("a\n", false), ("\0", false),
        ("a\u{7F}", false), (" ", false), ("!~", true),
    ])
    func `a key for the text protocol has no blanks and no control characters`(key: String, isSafe: Bool) {
        #expect(MemcachedKeyPolicy.isTextSafe(MemcachedKey(key)) == isSafe)
    }
}
