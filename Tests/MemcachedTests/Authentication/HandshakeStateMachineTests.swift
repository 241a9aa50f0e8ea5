import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct HandshakeStateMachineTests {
    static let credentials = MemcachedCredentials(username: "alice", password: "s3cret")
    var machine = HandshakeStateMachine(credentials: Self.credentials, nonce: [])

    private static func mechanisms(_ text: String, status: Status = .success) -> Response {
        Response(status: status, value: ByteBuffer(string: text))
    }

    @Test func `without credentials a connection is ready at once`() {
        var machine = HandshakeStateMachine(credentials: nil, nonce: [])
        #expect(machine.connected().isReady)
        #expect(machine.connected().isIgnored)
        #expect(machine.received(Response(status: .success)).isIgnored)
    }

    @Test mutating func `mechanisms are asked for, then the password goes, then the connection is ready`() throws {
        let first = try #require(machine.connected().request)
        #expect(first.opcode == .saslListMechanisms)
        #expect(first.byteCount == 24)
        let second = try #require(machine.listed("CRAM-MD5 PLAIN").request)
        #expect(second.opcode == .saslAuthenticate)
        #expect(second.key == "PLAIN")
        #expect(second.value == ByteBuffer(string: "\0alice\0s3cret"))
        #expect(machine.received(Response(status: .success)).isReady)
        #expect(machine.received(Response(status: .success)).isIgnored)
        #expect(machine.connected().isIgnored)
    }

    @Test mutating func `the bytes are those of the captured handshake`() throws {
        let vector = try WireVector.sasl(named: "sasl_plain_success")
        var action = machine.connected()
        for step in vector.steps.prefix(2) {
            let request = try #require(action.request)
            #expect(request.encoded(opaque: 0xDEAD_BEEF) == step.request)
            action = machine.answered(try step.answer(), MemcachedAuthentication(mechanism: .plain))
        }
        #expect(action.isReady)
    }

    @Test mutating func `the captured refusal of a password is told as such`() throws {
        let vector = try WireVector.sasl(named: "sasl_plain_wrong_then_get")
        _ = machine.connected()
        _ = machine.listed("PLAIN")
        let refusal = try #require(vector.steps.first)
        #expect(machine.received(try refusal.answer()).error?.code == .authenticationRefused)
    }

    @Test(arguments: ["PLAIN", "plain", "LOGIN PLAIN", "PLAIN\0", "  PLAIN  SCRAM-SHA-384", "X,PLAIN"])
    mutating func `PLAIN is found however the list is written`(text: String) {
        _ = machine.connected()
        #expect(machine.listed(text).request?.opcode == .saslAuthenticate)
    }

    @Test(arguments: [
        "", "SCRAM-SHA-224 CRAM-MD5 DIGEST-MD5 NTLM LOGIN ANONYMOUS", "PLAINTEXT XPLAIN", "PLA IN", "plaın", "PLAIN-X",
    ])
    mutating func `without PLAIN no password is sent`(text: String) {
        _ = machine.connected()
        let error = machine.listed(text).error
        #expect(error?.code == .noSuitableMechanism)
        #expect(error?.outcome == .rejected)
        #expect(machine.received(Response(status: .success)).isIgnored)
    }

    @Test mutating func `what the server offers instead is told, as far as it is a bounded list`() {
        _ = machine.connected()
        let offered = (0..<30).map { "SCHEME-\($0)-" + String(repeating: "X", count: 120) }
        let error = machine.listed("SCRAM-SHA-384 " + offered.joined(separator: " ")).error
        #expect(error?.detail.contains("SCRAM-SHA-384, SCHEME-0-") == true)
        #expect((error?.detail.utf8.count ?? .max) < 600)
    }

    @Test(arguments: [4_096, 4_097, 1 << 20])
    mutating func `a list longer than any real one is refused unread`(byteCount: Int) {
        _ = machine.connected()
        let list = "PLAIN" + String(repeating: " ", count: byteCount - 5)
        let action = machine.listed(list)
        #expect((action.request?.opcode == .saslAuthenticate) == (byteCount <= 4_096))
        #expect((action.error?.code == .noSuitableMechanism) == (byteCount > 4_096))
    }

    @Test mutating func `a server without SASL is told from one that refuses`() {
        _ = machine.connected()
        let error = machine.received(Response(status: .unknownCommand)).error
        #expect(error?.code == .authenticationUnsupported)
        #expect(error?.status == 0x81)
        #expect(error?.detail.contains("password was not sent") == true)
    }

    @Test(arguments: Status.named.map(\.status) + [Status(rawValue: 0x7777)])
    func `every refusal to list mechanisms ends the handshake before the password`(status: Status) {
        guard status != .success else { return }
        var machine = HandshakeStateMachine(credentials: Self.credentials, nonce: [])
        _ = machine.connected()
        let error = machine.received(Self.mechanisms("PLAIN", status: status)).error
        #expect(error?.status == status.rawValue)
        #expect(error?.outcome == .rejected)
        #expect(error?.detail.contains("no credentials are configured") == false)
        #expect(machine.received(Response(status: .success)).isIgnored)
    }

    @Test(arguments: [
        (Status.authenticationFailure, MemcachedError.Code.authenticationRefused),
        (.authenticationError, .authenticationRefused), (.unknownCommand, .authenticationUnsupported),
        (.authenticationContinue, .serverError), (.authenticationContinueAlternative, .serverError),
        (.outOfMemory, .outOfMemory), (.busy, .temporaryFailure), (.notFound, .serverError),
        (Status(rawValue: 0x7777), .serverError),
    ])
    mutating func `every answer to the password but success ends the handshake`(
        status: Status,
        code: MemcachedError.Code
    ) {
        _ = machine.connected()
        _ = machine.listed("PLAIN")
        let error = machine.received(Self.mechanisms("PLAIN", status: status)).error
        #expect(error?.code == code)
        #expect(error?.status == status.rawValue)
        #expect(error?.outcome == .rejected)
        #expect(machine.received(Response(status: .success)).isIgnored)
    }

    @Test mutating func `an answer before the connection is there means nothing`() {
        #expect(machine.received(Self.mechanisms("PLAIN")).isIgnored)
        #expect(machine.connected().request?.opcode == .saslListMechanisms)
        #expect(machine.connected().isIgnored)
        #expect(machine.listed("PLAIN").request?.opcode == .saslAuthenticate)
        #expect(machine.connected().isIgnored)
        #expect(machine.received(Response(status: .success)).isReady)
    }

    @Test(arguments: [("", "p"), ("u", ""), ("u\0x", "p"), ("u", "p\0x")])
    func `credentials that PLAIN cannot carry are not sent`(username: String, password: String) {
        var machine = HandshakeStateMachine(
            credentials: MemcachedCredentials(username: username, password: password),
            nonce: []
        )
        _ = machine.connected()
        let error = machine.listed("PLAIN").error
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.outcome == .notSent)
        #expect(machine.received(Response(status: .success)).isIgnored)
    }

    @Test(arguments: Status.named.map(\.status))
    func `no error of the handshake shows user name or password`(status: Status) {
        for answers in [[status], [.success, status]] {
            var machine = HandshakeStateMachine(credentials: Self.credentials, nonce: [])
            _ = machine.connected()
            for answer in answers {
                guard let error = machine.answered(Self.mechanisms("PLAIN", status: answer)).error else { continue }
                #expect(!error.description.contains("alice"))
                #expect(!error.description.contains("s3cret"))
            }
        }
    }

    @Test func `printing the machine shows neither user name nor password`() {
        var text = String(reflecting: machine)
        dump(machine, to: &text)
        #expect(!text.contains("alice"))
        #expect(!text.contains("s3cret"))
    }
}
