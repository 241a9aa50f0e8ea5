import MemcachedWire
import Testing

/// The messages of SCRAM; those of RFC 5802 section 5 and RFC 7677 section 3 among them.
struct SCRAMMessageTests {
    private static let nonce = Array("fyko+d2lbbFgONRv9qkxdawL".utf8)
    private static let serverFirst = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func parse(_ text: String) throws(SCRAMFailure) -> SCRAMServerFirst {
        try SCRAMServerFirst(parsing: Array(text.utf8), clientNonce: Self.nonce)
    }

    @Test func `the exchange of RFC 5802 reads as it stands there`() throws {
        let first = SCRAMClientFirst(user: "user", nonce: Self.nonce)
        #expect(text(first.message) == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
        let serverFirst = try parse(Self.serverFirst)
        #expect(text(serverFirst.nonce) == "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j")
        #expect(Base64Text.encode(serverFirst.salt) == Array("QSXCR+Q6sek8bf92".utf8))
        #expect(serverFirst.iterations == 4_096)
        let final = SCRAMClientFinal(first: first, serverFirst: serverFirst)
        #expect(text(final.withoutProof) == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j")
        #expect(
            text(final.signed)
                == "n=user,r=fyko+d2lbbFgONRv9qkxdawL,\(Self.serverFirst),\(text(final.withoutProof))"
        )
        #expect(text(final.message(proof: [0xFF, 0xEF, 0xBE])) == "\(text(final.withoutProof)),p=/+++")
    }

    @Test(arguments: [
        ("user", "user"), ("a,b", "a=2Cb"), ("a=b", "a=3Db"), ("=2C", "=3D2C"), (",=,=", "=2C=3D=2C=3D"),
        ("dörte", "dörte"), ("alice@vm", "alice@vm"),
    ])
    func `comma and equals sign are escaped in a name`(name: String, escaped: String) {
        #expect(text(SCRAMClientFirst(user: name, nonce: Self.nonce).bare).hasPrefix("n=\(escaped),r="))
    }

    @Test(arguments: [
        "\(serverFirst),x=anything", "\(serverFirst),m=late", "\(serverFirst),a=", "\(serverFirst),z=ä=b",
    ])
    func `what follows nonce, salt and count may be ignored`(message: String) throws {
        let parsed = try parse(message)
        #expect(parsed.iterations == 4_096)
        #expect(text(parsed.text) == message)
    }

    @Test(arguments: [
        "", ",", "r=", "r", "x", "r=fyko+d2lbbFgONRv9qkxdawL3", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC",
        "s=QSXC,r=fyko+d2lbbFgONRv9qkxdawL3,i=4096", "r=fyko+d2lbbFgONRv9qkxdawL3,i=4096,s=QSXC",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=,i=4096", "r=fyko+d2lbbFgONRv9qkxdawL3,s=Q,i=4096",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSX*,i=4096", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=04096", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=+4096",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=-4096", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096 ",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=0x1000", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096,",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096,=", "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096,1=x",
        "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096,xy=z", " \(serverFirst)", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        "r=fyko+d2lbbFgONRv9qkxdawL 3,s=QSXC,i=4096", "r=fyko+d2lbbFgONRv9qkxdawLé,s=QSXC,i=4096",
        "r=fyko+d2lbbFgONRv9qkxdawL3\0,s=QSXC,i=4096", "\(serverFirst),x=a\0b",
    ])
    func `a malformed first message of the server is refused`(message: String) {
        #expect(throws: SCRAMFailure.malformed) { try parse(message) }
    }

    @Test func `a message that is too long is refused unread`() throws {
        let room = SCRAMServerFirst.longestMessage - Self.serverFirst.utf8.count - 3
        _ = try parse(Self.serverFirst + ",x=" + String(repeating: "x", count: room))
        #expect(throws: SCRAMFailure.malformed) {
            try parse(Self.serverFirst + ",x=" + String(repeating: "x", count: room + 1))
        }
    }

    @Test(arguments: [
        "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXC,i=4096", "r=fyko+d2lbbFgONRv9qkxdaw,s=QSXC,i=4096",
        "r=Xyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096", "r=3fyko+d2lbbFgONRv9qkxdawL,s=QSXC,i=4096",
        "r=FYKO+d2lbbFgONRv9qkxdawL3,s=QSXC,i=4096",
    ])
    func `a nonce that does not extend the client's is refused`(message: String) {
        #expect(throws: SCRAMFailure.foreignNonce) { try parse(message) }
    }

    @Test(arguments: [
        (1, false), (4_095, false), (4_096, true), (10_000, true), (100_000, true), (100_001, false), (.max, false),
    ])
    func `iteration counts are accepted within bounds`(count: Int, isAccepted: Bool) throws {
        let message = "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=\(count)"
        if isAccepted {
            #expect(try parse(message).iterations == count)
        } else {
            #expect(throws: SCRAMFailure.iterations(count)) { try parse(message) }
        }
    }

    @Test func `a count beyond all numbers is refused as too large`() {
        let message = "r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXC,i=99999999999999999999999999"
        #expect(throws: SCRAMFailure.iterations(.max)) { try parse(message) }
    }

    @Test func `an extension that has to be understood ends the exchange`() {
        #expect(throws: SCRAMFailure.mandatoryExtension) { try parse("m=new,\(Self.serverFirst)") }
    }

    @Test(
        arguments: [
            ("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", nil), ("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=y", nil),
            ("e=invalid-proof", .refused), ("e=other-error,x=y", .refused), ("", .malformed), ("v=", .malformed),
            ("v=!", .malformed), ("e=", .malformed), ("x=y,v=rmF9", .malformed), ("v", .malformed),
            ("v=rmF", .malformed),
            (serverFirst, .malformed),
        ] as [(String, SCRAMFailure?)]
    )
    func `the last message is a signature or a refusal`(message: String, failure: SCRAMFailure?) throws {
        if let failure {
            #expect(throws: failure) { try SCRAMServerFinal(parsing: Array(message.utf8)) }
        } else {
            let final = try SCRAMServerFinal(parsing: Array(message.utf8))
            #expect(Base64Text.encode(final.signature) == Array("rmF9pqV8S7suAoZWja4dJRkFsKQ=".utf8))
        }
    }
}
