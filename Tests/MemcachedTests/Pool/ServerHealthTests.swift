import NIOCore
import Testing

@testable import Memcached

/// When a server is up, suspect or down, and when it is tried again.
@Suite struct ServerHealthTests {
    var health = ServerHealth(threshold: 3, initial: .milliseconds(100))

    @Test mutating func `a server that works is open to everybody`() {
        #expect(health.phase == .up)
        #expect(health.admit(at: 0).isOpen)
        #expect(health.answer(began: 0, at: 1).isNone)
        #expect(health.failing == nil)
    }

    @Test mutating func `failures behind one another make it suspect and then down`() {
        #expect(health.fail(began: 0, at: 10).isNone)
        #expect(health.phase == .suspect)
        #expect(health.admit(at: 10).isOpen)
        #expect(health.fail(began: 10, at: 20).isNone)
        #expect(health.phase == .suspect)
        #expect(health.fail(began: 20, at: 30).error?.code == .timeout)
        #expect(health.phase == .down)
        #expect(health.failing?.since == .at(milliseconds: 10))
    }

    @Test mutating func `an answer in between begins the count anew`() {
        for round in 0..<10 {
            let start = round * 100
            _ = health.fail(began: start, at: start + 10)
            _ = health.fail(began: start + 10, at: start + 20)
            #expect(health.answer(began: start + 20, at: start + 30).isNone)
            #expect(health.phase == .up)
        }
    }

    /// 64 requests are in flight, one stall: 64 timeouts.
    @Test mutating func `what one event fails counts once`() {
        for number in 0..<64 { #expect(health.fail(began: number, at: 1_000 + number).isNone) }
        #expect(health.phase == .suspect)
        for number in 0..<64 { #expect(health.fail(began: 1_100 + number, at: 2_100 + number).isNone) }
        #expect(health.phase == .suspect)
        #expect(health.fail(began: 2_200, at: 3_200).error != nil)
        for number in 1..<64 { #expect(health.fail(began: 2_200 + number, at: 3_200 + number).isNone) }
        #expect(health.phase == .down)
    }

    @Test mutating func `while it is down nobody may go, and is told since when and why`() {
        health.goDown(at: 30)
        let error = health.admit(at: 12_045).error
        // The pause is over by then: this is the probe's turn, and the next one's error.
        #expect(error == nil)
        let refusal = health.admit(at: 12_046).error
        #expect(refusal?.code == .serverDown)
        #expect(refusal?.outcome == .notSent)
        #expect(refusal?.server == "host:11211")
        #expect(refusal?.detail.contains("down for 12 s") == true)
        #expect(refusal?.detail.contains("no answer") == true)
        #expect((refusal?.cause as? MemcachedError)?.code == .timeout)
    }

    @Test mutating func `when the pause is over one operation goes out and nobody else`() {
        health.goDown(at: 30)
        #expect(health.admit(at: 129).error != nil)
        #expect(health.admit(at: 130).isProbe)
        for now in 130..<200 { #expect(health.admit(at: now).error != nil) }
    }

    @Test mutating func `the probe's answer ends the outage`() {
        health.goDown(at: 30)
        #expect(health.admit(at: 130).isProbe)
        #expect(health.answer(began: 130, at: 140, isProbe: true).outage == .milliseconds(112))
        #expect(health.phase == .up)
        #expect(health.admit(at: 140).isOpen)
        // And the next outage needs as many failures as the first.
        #expect(health.fail(began: 150, at: 160).isNone)
        #expect(health.phase == .suspect)
    }

    @Test mutating func `each probe that fails doubles the pause, and the server is tried for ever`() {
        health = ServerHealth(threshold: 1, initial: .milliseconds(100), maximum: .milliseconds(700))
        #expect(health.fail(began: 0, at: 0).error != nil)
        var now = 0
        for pause in [100, 200, 400] + Array(repeating: 700, count: 100) {
            #expect(health.admit(at: now + pause - 1).error != nil)
            now += pause
            #expect(health.admit(at: now).isProbe)
            // The beginning of an outage is told once.
            #expect(health.fail(began: now, at: now, isProbe: true).isNone)
            #expect(health.phase == .down)
        }
        #expect(health.failing?.since == .at(milliseconds: 0))
    }

    @Test mutating func `a turn that is given back is the next one's`() {
        health.goDown(at: 30)
        #expect(health.admit(at: 130).isProbe)
        health.giveBackProbe()
        #expect(health.admit(at: 131).isProbe)
        #expect(health.admit(at: 132).error != nil)
        #expect(health.phase == .down)
    }

    @Test mutating func `a probe that is never heard of again does not block the way`() {
        health.goDown(at: 30)
        #expect(health.admit(at: 130).isProbe)
        #expect(health.admit(at: 130 + 2_999).error != nil)
        #expect(health.admit(at: 130 + 3_000).isProbe)
    }

    @Test mutating func `what began before the last failure is no news`() {
        health.goDown(at: 30)
        #expect(health.answer(began: 29, at: 40).isNone)
        #expect(health.phase == .down)
        #expect(health.fail(began: 29, at: 5_000).isNone)
        #expect(health.admit(at: 5_000).isProbe)
    }

    /// A probe waits for an attempt to connect, and both report its failure.
    @Test mutating func `a failure that two report doubles the pause once`() {
        health.goDown(at: 30)
        #expect(health.admit(at: 130).isProbe)
        #expect(health.fail(.connection, began: 131, at: 140).isNone)
        #expect(health.fail(began: 130, at: 141, isProbe: true).isNone)
        #expect(health.admit(at: 339).error != nil)
        #expect(health.admit(at: 340).isProbe)
    }

    @Test mutating func `an attempt to connect that nobody waited for lengthens the pause as well`() {
        health.goDown(at: 30)
        #expect(health.fail(.connection, began: 40, at: 129).isNone)
        #expect(health.admit(at: 130).error != nil)
        #expect(health.admit(at: 329).isProbe)
    }

    /// A hosted proxy answers NOOP and VERSION while its backend is dead.
    @Test mutating func `an answer that is not about a key proves nothing when operations failed`() {
        _ = health.fail(began: 0, at: 10)
        #expect(health.answer(began: 10, at: 11, isAboutKey: false).isNone)
        #expect(health.phase == .suspect)
        for start in [20, 25] { _ = health.fail(began: start, at: start + 5) }
        #expect(health.admit(at: 130).isProbe)
        #expect(health.answer(began: 130, at: 131, isAboutKey: false, isProbe: true).isNone)
        #expect(health.phase == .down)
        // Its turn is over all the same.
        #expect(health.admit(at: 132).isProbe)
    }

    @Test mutating func `any answer ends an outage in which no connection came about`() {
        for start in [0, 10, 20] { _ = health.fail(.connection, began: start, at: start + 10) }
        #expect(health.phase == .down)
        #expect(health.admit(at: 130).isProbe)
        #expect(health.answer(began: 130, at: 131, isAboutKey: false, isProbe: true).outage != nil)
        #expect(health.phase == .up)
    }

    @Test mutating func `where something is to be done before the first operation on a key, that alone ends it`() {
        health = ServerHealth(threshold: 3, initial: .milliseconds(100), comesBackByKeysOnly: true)
        for start in [0, 10, 20] { _ = health.fail(.connection, began: start, at: start + 10) }
        #expect(health.admit(at: 130).isProbe)
        #expect(health.answer(began: 130, at: 131, isAboutKey: false, isProbe: true).isNone)
        #expect(health.phase == .down)
        #expect(health.admit(at: 132).isProbe)
        #expect(health.answer(began: 132, at: 133, isProbe: true).outage != nil)
        #expect(health.phase == .up)
    }

    @Test(arguments: [
        MemcachedError.Code.authenticationRefused, .authenticationRequired, .authenticationUnsupported,
        .noSuitableMechanism, .serverNotAuthenticated, .credentialsUnavailable, .notBinaryProtocol,
        .certificateRefused, .tlsFailed,
    ])
    func `what the next attempt would not change is enough at once and keeps its name`(code: MemcachedError.Code) {
        var health = ServerHealth(threshold: 3, initial: .milliseconds(100))
        let change = health.failed(
            MemcachedError(code, "no"),
            .connection,
            began: .at(milliseconds: 0),
            now: .at(milliseconds: 0),
            jitter: 0,
            isProbe: false
        )
        #expect(change.error?.code == code)
        // Credentials are left alone for longer.
        let pause = RetryPauses.isAboutCredentials(MemcachedError(code, "no")) ? 1_000 : 100
        #expect(health.admit(at: pause - 1).error?.code == code)
        #expect(health.admit(at: pause).isProbe)
    }

    @Test func `a threshold below one counts as one`() {
        var health = ServerHealth(threshold: -5, initial: .milliseconds(1))
        #expect(health.fail(began: 0, at: 0).error != nil)
    }
}
