import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// The handshake with SCRAM, held against exchanges with memcached and against the RFCs.
@Suite struct HandshakeSCRAMTests {
    static let mechanisms: [MemcachedAuthentication.Mechanism] = [.scramSHA1, .scramSHA256, .scramSHA512]
    /// That of the captures and of RFC 7677 section 3.
    static let nonce = Array("rOprNGfwEbeRWgbNEkqO".utf8)
    static let alice = MemcachedCredentials(username: "alice", password: "s3cret")

    private static func vector(_ mechanism: MemcachedAuthentication.Mechanism) throws -> WireVector {
        let name = mechanism.rawValue.lowercased().filter { $0 != "-" }.replacing("scram", with: "scram_")
        return try WireVector.sasl(named: "sasl_\(name)_success")
    }

    /// A machine that has sent its nonce.
    private static func challenging(
        _ mechanism: MemcachedAuthentication.Mechanism = .scramSHA256
    ) -> HandshakeStateMachine {
        var machine = HandshakeStateMachine(credentials: alice, nonce: nonce)
        _ = machine.connected()
        _ = machine.listed(mechanism.rawValue)
        return machine
    }

    /// A machine that has sent its proof in the captured exchange.
    private static func proving(
        _ mechanism: MemcachedAuthentication.Mechanism = .scramSHA256
    ) throws -> HandshakeStateMachine {
        var machine = challenging(mechanism)
        let steps = try vector(mechanism).steps
        let request = machine.answered(try #require(steps.first).answer()).request
        #expect(request?.opcode == .saslStep)
        return machine
    }

    private static func answer(_ text: String, status: Status = .authenticationContinue) -> Response {
        Response(status: status, value: ByteBuffer(string: text))
    }

    @Test(arguments: mechanisms)
    func `the bytes are those of the captured exchange, the empty closing step included`(
        mechanism: MemcachedAuthentication.Mechanism
    ) throws {
        var machine = HandshakeStateMachine(credentials: Self.alice, nonce: Self.nonce)
        _ = machine.connected()
        var action = machine.listed("PLAIN \(mechanism.rawValue) ANONYMOUS")
        let steps = try Self.vector(mechanism).steps.filter { $0.request[1] != Opcode.get.rawValue }
        #expect(steps.count == 3)
        for step in steps {
            let request = try #require(action.request)
            #expect(request.encoded(opaque: 0xDEAD_BEEF) == step.request)
            action = machine.answered(try step.answer())
        }
        #expect(action.isReady)
        #expect(machine.received(Self.answer("")).isIgnored)
    }

    @Test func `the captured exchange with a wrong password sends the same bytes and ends in a refusal`() throws {
        let steps = try WireVector.sasl(named: "sasl_scram_sha256_wrong").steps
        var machine = HandshakeStateMachine(
            credentials: MemcachedCredentials(username: "alice", password: "wrong"),
            nonce: Self.nonce
        )
        _ = machine.connected()
        var action = machine.listed("SCRAM-SHA-256")
        for step in steps {
            #expect(try #require(action.request).encoded(opaque: 0xDEAD_BEEF) == step.request)
            action = machine.answered(try step.answer())
        }
        #expect(action.error?.code == .authenticationRefused)
    }

    @Test func `the captured exchange of an unknown user ends at its first message`() throws {
        let steps = try WireVector.sasl(named: "sasl_scram_sha256_unknown_user").steps
        var machine = HandshakeStateMachine(
            credentials: MemcachedCredentials(username: "nouser", password: "s3cret"),
            nonce: Self.nonce
        )
        _ = machine.connected()
        let request = try #require(machine.listed("SCRAM-SHA-256").request)
        #expect(request.encoded(opaque: 0xDEAD_BEEF) == steps.first?.request)
        #expect(machine.answered(try #require(steps.first).answer()).error?.code == .authenticationRefused)
    }

    @Test func `the list of a server without mech_list leads to its strongest mechanism`() throws {
        let step = try #require(try WireVector.sasl(named: "sasl_list_mechs").steps.first)
        var machine = HandshakeStateMachine(credentials: Self.alice, nonce: Self.nonce)
        #expect(machine.connected().request?.encoded(opaque: 0xDEAD_BEEF) == step.request)
        let request = try #require(machine.answered(try step.answer()).request)
        let captured = try #require(try Self.vector(.scramSHA512).steps.first)
        #expect(request.encoded(opaque: 0xDEAD_BEEF) == captured.request)
    }

    struct Example: Sendable, CustomTestStringConvertible {
        var mechanism: MemcachedAuthentication.Mechanism
        var clientNonce: String
        var first: String
        var serverFirst: String
        var final: String
        var serverFinal: String

        var testDescription: String { mechanism.rawValue }
    }

    /// User "user", password "pencil": RFC 5802 section 5, RFC 7677 section 3.
    static let examples = [
        Example(
            mechanism: .scramSHA1,
            clientNonce: "fyko+d2lbbFgONRv9qkxdawL",
            first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
        ),
        Example(
            mechanism: .scramSHA256,
            clientNonce: "rOprNGfwEbeRWgbNEkqO",
            first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        ),
    ]

    @Test(arguments: examples, [false, true])
    func `the RFCs' examples come out`(example: Example, isSignatureInSuccess: Bool) throws {
        var machine = HandshakeStateMachine(
            credentials: MemcachedCredentials(username: "user", password: "pencil"),
            nonce: Array(example.clientNonce.utf8)
        )
        _ = machine.connected()
        let first = try #require(machine.listed(example.mechanism.rawValue).request)
        #expect(first.value == ByteBuffer(string: example.first))
        let second = try #require(machine.answered(Self.answer(example.serverFirst)).request)
        #expect(second.opcode == .saslStep)
        #expect(second.value == ByteBuffer(string: example.final))
        if isSignatureInSuccess {
            #expect(machine.answered(Self.answer(example.serverFinal, status: .success)).isReady)
        } else {
            let third = try #require(machine.answered(Self.answer(example.serverFinal)).request)
            #expect(third.opcode == .saslStep)
            #expect(third.value == nil)
            #expect(machine.answered(Self.answer("Authenticated", status: .success)).isReady)
        }
    }

    @Test func `the strongest mechanism that is offered is used`() throws {
        for (offered, mechanism) in [
            ("SCRAM-SHA-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-1 PLAIN ANONYMOUS", "SCRAM-SHA-512"),
            ("PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256"), ("scram-sha-1 plain", "SCRAM-SHA-1"),
            ("SCRAM-SHA-256-PLUS PLAIN", "PLAIN"),
        ] {
            var machine = HandshakeStateMachine(credentials: Self.alice, nonce: Self.nonce)
            _ = machine.connected()
            #expect(try #require(machine.listed(offered).request).key == MemcachedKey(mechanism))
        }
    }

    @Test(arguments: [
        ("", "malformed"), ("r=rOprNGfwEbeRWgbNEkqO3,s=QSXC", "malformed"), ("Authenticated", "malformed"),
        ("r=other,s=QSXC,i=4096", "nonce"), ("r=rOprNGfwEbeRWgbNEkqO,s=QSXC,i=4096", "nonce"),
        ("r=rOprNGfwEbeRWgbNEkqO3,s=QSXC,i=4095", "4095 iterations"),
        ("r=rOprNGfwEbeRWgbNEkqO3,s=QSXC,i=100001", "100001 iterations"),
        ("m=x,r=rOprNGfwEbeRWgbNEkqO3,s=QSXC,i=4096", "extension"),
    ])
    func `a bad first message of the server ends the handshake`(text: String, told: String) {
        var machine = Self.challenging()
        let error = machine.received(Self.answer(text)).error
        #expect(error?.code == .serverNotAuthenticated)
        #expect(error?.detail.contains(told) == true)
        #expect(error?.outcome == .rejected)
        #expect(machine.received(Self.answer("")).isIgnored)
    }

    @Test(arguments: ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=AAAA", "v=", "", "Authenticated", "x=y"])
    func `a server that does not prove itself is not taken for the right one`(text: String) throws {
        for status in [Status.authenticationContinue, .success] {
            var machine = try Self.proving()
            let error = machine.received(Self.answer(text, status: status)).error
            #expect(error?.code == .serverNotAuthenticated)
            #expect(machine.received(Self.answer("", status: .success)).isIgnored)
        }
    }

    @Test func `one wrong bit in the signature is enough`() throws {
        let step = try Self.vector(.scramSHA256).steps[1]
        let answer = try step.answer()
        var text = Array(answer.value.readableBytesView)
        text[2] = text[2] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        var machine = try Self.proving()
        let error = machine.received(Response(status: answer.status, value: ByteBuffer(bytes: text))).error
        #expect(error?.code == .serverNotAuthenticated)
        #expect(error?.detail.contains("could not prove that it knows the password") == true)
    }

    @Test func `success before any proof is no success`() {
        var machine = Self.challenging()
        let error = machine.received(Self.answer("Authenticated", status: .success)).error
        #expect(error?.code == .serverNotAuthenticated)
    }

    @Test func `a refusal is told as such at each step, and no other mechanism is tried`() throws {
        let refusal = Self.answer("Auth failure.", status: .authenticationFailure)
        var atFirst = Self.challenging()
        #expect(atFirst.received(refusal).error?.code == .authenticationRefused)
        #expect(atFirst.received(refusal).isIgnored)
        var atProof = try Self.proving()
        #expect(atProof.received(refusal).error?.code == .authenticationRefused)
        var inWords = try Self.proving()
        #expect(inWords.received(Self.answer("e=invalid-proof")).error?.code == .authenticationRefused)
        var atEnd = try Self.proving()
        let final = try Self.vector(.scramSHA256).steps[1].answer()
        #expect(atEnd.received(final).request?.value == nil)
        #expect(atEnd.received(refusal).error?.code == .authenticationRefused)
    }

    @Test(arguments: Status.named.map(\.status) + [Status(rawValue: 0x7777)])
    func `no error shows user name, password, nonce or proof`(status: Status) throws {
        for machine in [Self.challenging(), try Self.proving()] {
            var machine = machine
            let text = "r=rOprNGfwEbeRWgbNEkqOalice,s=s3cret,i=1"
            guard let error = machine.received(Self.answer(text, status: status)).error else { continue }
            for secret in ["alice", "s3cret", "rOprNGfw"] { #expect(!error.description.contains(secret)) }
        }
    }

    @Test func `keys that nobody asked for mean nothing`() throws {
        let keys = SCRAMKeys(SCRAMDerivation(hash: .sha256, password: Array("p".utf8), salt: [1], iterations: 1))
        var machine = Self.challenging()
        #expect(machine.derived(keys).isIgnored)
        #expect(machine.chose(.success(.plain)).isIgnored)
        machine = try Self.proving()
        #expect(machine.derived(keys).isIgnored)
    }

    @Test func `an answer while keys are derived means nothing`() throws {
        var machine = Self.challenging()
        let derivation = try #require(
            machine.received(Self.answer("r=rOprNGfwEbeRWgbNEkqO3,s=QSXC,i=4096")).derivation
        )
        #expect(machine.received(Self.answer("e=x")).isIgnored)
        #expect(machine.derived(SCRAMKeys(derivation)).request?.opcode == .saslStep)
    }

    @Test func `printing a machine in the middle of an exchange shows nothing of it`() throws {
        var machine = Self.challenging()
        _ = machine.received(Self.answer("r=rOprNGfwEbeRWgbNEkqO3,s=QSXC,i=4096"))
        var text = String(reflecting: machine)
        dump(machine, to: &text)
        for secret in ["alice", "s3cret"] { #expect(!text.contains(secret)) }
    }
}
