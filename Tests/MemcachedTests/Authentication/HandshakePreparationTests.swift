import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// In which form names and passwords beyond ASCII are hashed, and in which order the forms are tried.
@Suite struct HandshakePreparationTests {
    typealias Preparation = MemcachedAuthentication.Preparation

    private static let first = Array("firstNonce".utf8)
    private static let second = Array("secondNonce".utf8)
    /// SASLprep leaves the soft hyphen out and makes a blank of the no-break space.
    private static let odd = MemcachedCredentials(username: "al\u{AD}ice", password: "a\u{A0}b")
    private static let refusal = Response(status: .authenticationFailure)

    private static func challenge(_ nonce: [UInt8]) -> Response {
        let text = "r=\(String(decoding: nonce, as: UTF8.self))3,s=QSXC,i=4096"
        return Response(status: .authenticationContinue, value: ByteBuffer(string: text))
    }

    private static func firstMessage(_ user: String, _ nonce: [UInt8]) -> ByteBuffer {
        ByteBuffer(string: "n,,n=\(user),r=\(String(decoding: nonce, as: UTF8.self))")
    }

    private func machine(_ preparation: Preparation, _ credentials: MemcachedCredentials = odd) -> HandshakeStateMachine
    {
        var machine = HandshakeStateMachine(
            credentials: credentials,
            preparation: preparation,
            nonce: Self.first,
            secondNonce: Self.second
        )
        _ = machine.connected()
        return machine
    }

    @Test(
        arguments: [
            (.automatic, "al\u{AD}ice", "a\u{A0}b"), (.asIs, "al\u{AD}ice", "a\u{A0}b"), (.saslPrep, "alice", "a b"),
        ] as [(Preparation, String, String)]
    )
    func `names and passwords go first as configuration says`(
        preparation: Preparation,
        username: String,
        password: String
    ) throws {
        var machine = machine(preparation)
        let request = try #require(machine.listed("SCRAM-SHA-1").request)
        #expect(request.value == Self.firstMessage(username, Self.first))
        #expect(machine.received(Self.challenge(Self.first)).derivation?.password == Array(password.utf8))
    }

    @Test(arguments: [Status.authenticationFailure, .authenticationError])
    func `a user refused at the first message is tried once in the other form, with a fresh nonce`(
        status: Status
    ) throws {
        var machine = machine(.automatic)
        _ = machine.listed("SCRAM-SHA-256 SCRAM-SHA-1 PLAIN")
        let again = try #require(machine.received(Response(status: status)).request)
        #expect(again.opcode == .saslAuthenticate)
        #expect(again.key == "SCRAM-SHA-256")
        #expect(again.value == Self.firstMessage("alice", Self.second))
        #expect(machine.received(Self.challenge(Self.second)).derivation?.password == Array("a b".utf8))
        #expect(machine.received(Self.refusal).isIgnored)
    }

    @Test func `a proof that is refused is followed by one of the other form, and then by the refusal`() throws {
        var machine = machine(.automatic)
        _ = machine.listed("SCRAM-SHA-1")
        #expect(machine.answered(Self.challenge(Self.first)).request?.opcode == .saslStep)
        #expect(machine.received(Self.refusal).request?.value == Self.firstMessage("alice", Self.second))
        #expect(machine.answered(Self.challenge(Self.second)).request?.opcode == .saslStep)
        let error = try #require(machine.received(Self.refusal).error)
        #expect(error.code == .authenticationRefused)
        #expect(!"\(error)".contains("alice"))
        #expect(machine.received(Self.refusal).isIgnored)
    }

    @Test func `the nonce of the first attempt is not taken for that of the second`() {
        var machine = machine(.automatic)
        _ = machine.listed("SCRAM-SHA-1")
        _ = machine.received(Self.refusal)
        #expect(machine.received(Self.challenge(Self.first)).error?.code == .serverNotAuthenticated)
    }

    @Test(
        arguments: [
            (.asIs, odd), (.saslPrep, odd), (.automatic, MemcachedCredentials(username: "alice", password: "s3cret")),
            (.automatic, MemcachedCredentials(username: "dörte", password: "密码 🔑")),
            // What SASLprep prohibits has no second form.
            (.automatic, MemcachedCredentials(username: "alice", password: "a\u{7}b")),
        ] as [(Preparation, MemcachedCredentials)]
    )
    func `where there is one form there is one attempt`(preparation: Preparation, credentials: MemcachedCredentials) {
        var machine = machine(preparation, credentials)
        _ = machine.listed("SCRAM-SHA-1")
        #expect(machine.received(Self.refusal).error?.code == .authenticationRefused)
    }

    @Test func `only a refusal of user and password leads to another attempt`() {
        for status in [Status.unknownCommand, .busy, .temporaryFailure, .internalError, .success] {
            var machine = machine(.automatic)
            _ = machine.listed("SCRAM-SHA-1")
            #expect(machine.received(Response(status: status)).error != nil)
        }
        var machine = machine(.automatic)
        _ = machine.listed("SCRAM-SHA-1")
        _ = machine.answered(Self.challenge(Self.first))
        // It said yes and did not prove itself.
        let lie = Response(status: .authenticationContinue, value: ByteBuffer(string: "v=AAAA"))
        #expect(machine.received(lie).error?.code == .serverNotAuthenticated)
    }

    @Test func `PLAIN sends them as they are, once`() {
        for preparation in Preparation.allCases {
            var machine = machine(preparation)
            #expect(machine.listed("PLAIN").request?.value == ByteBuffer(string: "\0al\u{AD}ice\0a\u{A0}b"))
            #expect(machine.received(Self.refusal).error?.code == .authenticationRefused)
        }
    }

    @Test func `what SASLprep refuses is told before anything is sent where configuration demands SASLprep`() {
        let credentials = MemcachedCredentials(username: "alice", password: "a\u{7}b")
        var strict = machine(.saslPrep, credentials)
        let error = strict.listed("SCRAM-SHA-1").error
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("authentication.preparation") == true)
        for preparation in [Preparation.automatic, .asIs] {
            var machine = machine(preparation, credentials)
            #expect(machine.listed("SCRAM-SHA-1").request?.value == Self.firstMessage("alice", Self.first))
            #expect(machine.received(Self.challenge(Self.first)).derivation?.password == Array("a\u{7}b".utf8))
        }
    }

    @Test func `a precomposed letter and its two parts are two passwords`() throws {
        let composed = MemcachedCredentials(username: "alice", password: "\u{E9}")
        let decomposed = MemcachedCredentials(username: "alice", password: "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        var derivations: [SCRAMDerivation] = []
        for credentials in [composed, decomposed] {
            var machine = machine(.automatic, credentials)
            _ = machine.listed("SCRAM-SHA-1")
            derivations.append(try #require(machine.received(Self.challenge(Self.first)).derivation))
        }
        #expect(derivations[0] != derivations[1])
    }
}
