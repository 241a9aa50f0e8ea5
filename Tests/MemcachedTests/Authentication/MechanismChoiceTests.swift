import MemcachedWire
import Testing

@testable import Memcached

/// Which mechanism is used, and when none is.
@Suite struct MechanismChoiceTests {
    typealias Mechanism = MemcachedAuthentication.Mechanism

    private func choice(
        _ policy: MemcachedAuthentication = MemcachedAuthentication(),
        isEncrypted: Bool = false,
        isPrivate: Bool = false,
        hasOfferedSCRAM: Bool = false
    ) -> MechanismChoice {
        MechanismChoice(
            policy: policy,
            isEncrypted: isEncrypted,
            isPrivate: isPrivate,
            hasOfferedSCRAM: hasOfferedSCRAM
        )
    }

    private func offered(_ text: String) -> [SASLMechanism] { SASLMechanism.list(parsing: text.utf8) }

    private func refusal(_ choice: MechanismChoice, _ text: String) throws -> MemcachedError {
        let error = #expect(throws: MemcachedError.self) { try choice.mechanism(among: offered(text)) }
        let told = try #require(error)
        #expect(told.code == .noSuitableMechanism)
        #expect(told.outcome == .rejected)
        return told
    }

    @Test func `mechanisms are ordered by strength`() {
        #expect(Mechanism.allCases.sorted() == [.plain, .scramSHA1, .scramSHA256, .scramSHA512])
        #expect(Mechanism.allCases == Mechanism.allCases.sorted())
    }

    @Test(
        arguments: [
            ("PLAIN", .plain), ("PLAIN SCRAM-SHA-1", .scramSHA1),
            ("SCRAM-SHA-1 SCRAM-SHA-512 SCRAM-SHA-256", .scramSHA512),
            ("SCRAM-SHA-256 PLAIN LOGIN", .scramSHA256), ("scram-sha-1\0plain\0", .scramSHA1),
            ("ANONYMOUS CRAM-MD5 PLAIN", .plain), ("SCRAM-SHA-384 PLAIN", .plain),
        ] as [(String, Mechanism)]
    )
    func `the strongest known mechanism wins`(text: String, mechanism: Mechanism) throws {
        #expect(try choice().mechanism(among: offered(text)) == mechanism)
    }

    @Test(arguments: ["ANONYMOUS", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM", "ANONYMOUS LOGIN CRAM-MD5", ""])
    func `weak and anonymous mechanisms are never chosen`(text: String) throws {
        let error = try refusal(choice(isEncrypted: true, isPrivate: true), text)
        #expect(error.detail.contains("it offers: \(text.isEmpty ? "none" : "")"))
    }

    @Test func `nothing below the minimum is chosen, encrypted or not`() throws {
        let policy = MemcachedAuthentication(minimumMechanism: .scramSHA256)
        #expect(try choice(policy).mechanism(among: offered("PLAIN SCRAM-SHA-1 SCRAM-SHA-512")) == .scramSHA512)
        #expect(try choice(policy).mechanism(among: offered("PLAIN SCRAM-SHA-256")) == .scramSHA256)
        for isEncrypted in [false, true] {
            let error = try refusal(choice(policy, isEncrypted: isEncrypted, isPrivate: true), "PLAIN SCRAM-SHA-1")
            #expect(error.detail.contains("SASL SCRAM-SHA-256 or SASL SCRAM-SHA-512"))
            #expect(error.detail.contains("it offers: PLAIN, SCRAM-SHA-1"))
        }
    }

    @Test func `a fixed mechanism is used or none is`() throws {
        let policy = MemcachedAuthentication(mechanism: .scramSHA1)
        #expect(try choice(policy).mechanism(among: offered("PLAIN SCRAM-SHA-1 SCRAM-SHA-512")) == .scramSHA1)
        _ = try refusal(choice(policy), "PLAIN SCRAM-SHA-512")
        let plain = MemcachedAuthentication(mechanism: .plain)
        #expect(try choice(plain).mechanism(among: offered("SCRAM-SHA-512 PLAIN")) == .plain)
    }

    @Test(arguments: [(false, false, false), (false, true, true), (true, false, true), (true, true, true)])
    func `PLAIN can be forbidden where others could listen`(
        isEncrypted: Bool,
        isPrivate: Bool,
        isAllowed: Bool
    ) throws {
        var policy = MemcachedAuthentication()
        #expect(
            try choice(policy, isEncrypted: isEncrypted, isPrivate: isPrivate).mechanism(among: [.plain]) == .plain
        )
        policy.requireEncryption = true
        let choice = choice(policy, isEncrypted: isEncrypted, isPrivate: isPrivate)
        #expect(try choice.mechanism(among: [.scramSHA1]) == .scramSHA1)
        if isAllowed {
            #expect(try choice.mechanism(among: [.plain]) == .plain)
        } else {
            let error = try refusal(choice, "PLAIN LOGIN")
            #expect(error.detail.contains("requireEncryption"))
        }
        policy.mechanism = .plain
        if !isAllowed { _ = try refusal(self.choice(policy), "PLAIN") }
    }

    @Test func `a server that once offered SCRAM gets no PLAIN in clear`() throws {
        let error = try refusal(choice(hasOfferedSCRAM: true), "PLAIN")
        #expect(error.detail.contains("offered SCRAM before"))
        #expect(try choice(hasOfferedSCRAM: true).mechanism(among: [.plain, .scramSHA1]) == .scramSHA1)
        #expect(try choice(isEncrypted: true, hasOfferedSCRAM: true).mechanism(among: [.plain]) == .plain)
        #expect(try choice(isPrivate: true, hasOfferedSCRAM: true).mechanism(among: [.plain]) == .plain)
        let fixed = MemcachedAuthentication(mechanism: .plain)
        #expect(try choice(fixed, hasOfferedSCRAM: true).mechanism(among: [.plain]) == .plain)
    }

    @Test func `only a SCRAM that is known here counts as offered`() {
        #expect(MechanismChoice.offersSCRAM(offered("PLAIN SCRAM-SHA-512")))
        #expect(!MechanismChoice.offersSCRAM(offered("PLAIN SCRAM-SHA-384 SCRAM-SHA-224 SCRAM-SHA-1-PLUS")))
    }

    @Test func `the process remembers servers by name, and not without end`() {
        let memory = MechanismMemory()
        #expect(!memory.hasOfferedSCRAM("a:1"))
        memory.noteSCRAM(at: "a:1")
        memory.noteSCRAM(at: "a:1")
        #expect(memory.hasOfferedSCRAM("a:1"))
        #expect(!memory.hasOfferedSCRAM("b:1"))
        #expect(memory.isFirstPlain(at: "a:1"))
        #expect(!memory.isFirstPlain(at: "a:1"))
        for number in 1..<MechanismMemory.capacity { memory.noteSCRAM(at: "other:\(number)") }
        #expect(memory.hasOfferedSCRAM("a:1"))
        memory.noteSCRAM(at: "one more")
        #expect(!memory.hasOfferedSCRAM("a:1"))
        #expect(memory.hasOfferedSCRAM("one more"))
    }

    private static func policy(_ change: (inout MemcachedAuthentication) -> Void) -> MemcachedAuthentication {
        var policy = MemcachedAuthentication()
        change(&policy)
        return policy
    }

    @Test(arguments: [
        (MemcachedAuthentication(mechanism: .plain, minimumMechanism: .scramSHA1), "minimumMechanism"),
        (policy { $0.providerTimeout = .zero }, "providerTimeout"),
        (policy { $0.backoff.initial = .zero }, "backoff.initial"),
        (policy { $0.backoff.maximum = .milliseconds(1) }, "backoff.maximum"),
    ])
    func `settings that contradict each other are refused`(policy: MemcachedAuthentication, setting: String) {
        var configuration = MemcachedConfiguration(servers: [.tcp("h")])
        configuration.authentication = policy
        let error = #expect(throws: MemcachedError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("authentication.\(setting)") == true)
    }
}
