import FuzzChecks
import Testing

/// Each check accepts what means something and refuses what does not, so that a fuzzer's counts mean something too.
@Suite struct CheckTests {
    private static let hit: [UInt8] =
        [0x81, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9] + [0, 0, 0, 7, 0x68, 0x69]

    @Test(
        arguments: [
            (FuzzTarget.responses, [0] + hit + hit),
            (.responses, [2, 0, 5, 0, 26] + hit + hit),
            (.headers, hit),
            (.sasl, Array("SCRAM-SHA-1 PLAIN".utf8)),
            (.sasl, Array("alice|secret".utf8)),
            (.sasl, Array("r=fyko3rfcNHYJ,s=QSXCR+Q6sek8bf92,i=4096".utf8)),
            (.sasl, Array("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=".utf8)),
            (.servers, Array("[::1]:11211:2, /run/memcached.sock".utf8)),
            (.transcoders, [0, 0, 0, 0, 0] + Array("text".utf8)),
            (.transcoders, [8, 0, 0, 0, 1] + Array("-42".utf8)),
            (.transcoders, [24, 0, 0, 0, 0] + Array("{\"a\":[1,2]}".utf8)),
            (.fastLZ, [0x01, 0x61, 0x62]),
            (.phpSessions, [0] + Array("count|i:1;".utf8)),
            (.phpSessions, [5] + Array("a:1:{i:0;b:1;}".utf8)),
        ] as [(FuzzTarget, [UInt8])]
    )
    func `what means something is accepted`(target: FuzzTarget, bytes: [UInt8]) {
        #expect(target.check(bytes) == .accepted)
    }

    @Test(
        arguments: [
            (FuzzTarget.responses, [0] + Array(hit.dropLast())),
            (.responses, [0] + Array("ERROR\r\n".utf8)),
            (.headers, [UInt8](repeating: 0x81, count: 23)),
            (.sasl, Array(" |".utf8)),
            (.servers, Array("host:0".utf8)),
            (.servers, Array("alice:long-enough-secret@host".utf8)),
            (.transcoders, [8, 0, 0, 0, 1] + Array("4x".utf8)),
            (.fastLZ, [0x3F, 0xFF]),
            (.phpSessions, [0] + Array("count|i:x;".utf8)),
        ] as [(FuzzTarget, [UInt8])]
    )
    func `what means nothing is refused`(target: FuzzTarget, bytes: [UInt8]) {
        #expect(target.check(bytes) == .refused)
    }

    @Test(arguments: FuzzTarget.allCases)
    func `no input and any single byte break nothing`(target: FuzzTarget) {
        for input in [[]] + (UInt8.min...UInt8.max).map({ [$0] }) {
            if case .broken(let promise) = target.check(input) { Issue.record("\(input): \(promise)") }
        }
    }
}
