import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct SealedKeysTests {
    typealias Sealing = MemcachedSessionConfiguration.Sealing

    static func key(_ byte: UInt8) throws -> Sealing.Key { try Sealing.Key(repeatElement(byte, count: 32)) }

    static func sealing(_ keys: UInt8..., application: String = "shop", idKey: UInt8 = 0) throws -> Sealing {
        Sealing(application: application, idKey: try key(idKey), keys: try keys.map(key))
    }

    static func keys(_ sealing: Sealing, prefix: String = "shop.") throws -> SealedKeys {
        try #require(SealedKeys(sealing, prefix: prefix))
    }

    static let value = ByteBuffer(string: #"{"user":"ada"}"#)

    @Test(arguments: [Sealing.Algorithm.aesGCM, .chaChaPoly])
    func `what is sealed is opened, and shows nothing`(algorithm: Sealing.Algorithm) throws {
        var sealing = try Self.sealing(1)
        sealing.algorithm = algorithm
        let keys = try Self.keys(sealing)
        let name = keys.name(of: Fixture.id)
        let sealed = try keys.seal(Self.value, name: name)
        #expect(sealed.readableBytes == Self.value.readableBytes + SealedKeys.overhead)
        #expect(!String(buffer: sealed).contains("ada"))
        #expect(Array(sealed.readableBytesView.prefix(2)) == [1, algorithm.rawValue])
        let opened = try #require(keys.open(sealed, name: name))
        #expect(opened.value == Self.value)
        #expect(opened.isCurrent)
        #expect(try keys.seal(Self.value, name: name) != sealed, "each has a nonce of its own")
        let empty = try keys.seal(ByteBuffer(), name: name)
        #expect(keys.open(empty, name: name)?.value.readableBytes == 0)
    }

    @Test(arguments: [Sealing.Algorithm.aesGCM, .chaChaPoly])
    func `each bit counts, and so does the length`(algorithm: Sealing.Algorithm) throws {
        var sealing = try Self.sealing(1)
        sealing.algorithm = algorithm
        let keys = try Self.keys(sealing)
        let bytes = Array(try keys.seal(Self.value, name: "name").readableBytesView)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(keys.open(ByteBuffer(bytes: changed), name: "name") == nil, "byte \(index)")
            }
            #expect(keys.open(ByteBuffer(bytes: bytes.prefix(index)), name: "name") == nil)
        }
        #expect(keys.open(ByteBuffer(bytes: bytes + [0]), name: "name") == nil)
    }

    @Test func `a value of another session, application, prefix or key is not opened`() throws {
        let keys = try Self.keys(Self.sealing(1))
        let sealed = try keys.seal(Self.value, name: "one")
        #expect(keys.open(sealed, name: "two") == nil)
        #expect(try Self.keys(Self.sealing(1, application: "blog")).open(sealed, name: "one") == nil)
        #expect(try Self.keys(Self.sealing(1), prefix: "shop").open(sealed, name: "one") == nil)
        #expect(try Self.keys(Self.sealing(2)).open(sealed, name: "one") == nil)
        // Lengths are part of it: nothing can be moved from one name to the next.
        #expect(try Self.keys(Self.sealing(1, application: "shops"), prefix: "hop.").open(sealed, name: "one") == nil)
    }

    @Test func `keys rotate: the first seals, all open, and what an old one sealed is known as such`() throws {
        let old = try Self.keys(Self.sealing(1))
        let both = try Self.keys(Self.sealing(2, 1))
        let new = try Self.keys(Self.sealing(2))
        let sealed = try old.seal(Self.value, name: "one")
        #expect(both.open(sealed, name: "one")?.isCurrent == false)
        #expect(new.open(sealed, name: "one") == nil)
        let again = try both.seal(Self.value, name: "one")
        #expect(new.open(again, name: "one")?.isCurrent == true)
        #expect(old.open(again, name: "one") == nil)
        var other = try Self.sealing(1)
        other.algorithm = .chaChaPoly
        #expect(try Self.keys(other).open(sealed, name: "one")?.isCurrent == false)
    }

    @Test func `the name of a session is an HMAC that says nothing of its id`() throws {
        let keys = try Self.keys(Self.sealing(1))
        let name = keys.name(of: Fixture.id)
        #expect(name.utf8.count == SealedKeys.nameLength)
        #expect(name.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        #expect(name == keys.name(of: Fixture.id))
        #expect(name != keys.name(of: String(Fixture.id.reversed())))
        #expect(try name == Self.keys(Self.sealing(2)).name(of: Fixture.id), "keys of values may change")
        #expect(try name != Self.keys(Self.sealing(1, idKey: 9)).name(of: Fixture.id))
        #expect(try name != Self.keys(Self.sealing(1, application: "blog")).name(of: Fixture.id))
    }

    @Test func `a key is long, and prints nothing`() async throws {
        #expect(await sessionError { try Sealing.Key([1, 2, 3]) }?.code == .invalidConfiguration)
        #expect(await sessionError { try Sealing.Key(base64: "no base64!") }?.code == .invalidConfiguration)
        #expect(await sessionError { try Sealing.Key(base64: "AQID") }?.detail.contains("3 bytes") == true)
        let key = try Sealing.Key(base64: " AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
        #expect(try key == Self.key(1))
        var text = "\(key) \(String(reflecting: key))"
        dump(key, to: &text)
        dump(try Self.sealing(1), to: &text)
        #expect(!text.contains("1, 1"))
        #expect(!text.contains("bytes"))
    }
}
