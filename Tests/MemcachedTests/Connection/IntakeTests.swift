import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct IntakeTests {
    private var intake = Intake(maximumBodyBytes: 1_000)

    private static func frame(_ opaque: UInt32, _ body: String = "") -> [UInt8] {
        ResponseHeader(
            opcode: .version,
            status: .success,
            bodyLength: UInt32(body.utf8.count),
            opaque: opaque
        )
        .encoded() + Array(body.utf8)
    }

    private mutating func receive(_ bytes: some Sequence<UInt8>) -> Intake.Round {
        intake.receive(ByteBuffer(bytes: bytes)) { _ in false }
    }

    @Test mutating func `the frames of one read come together, and what is incomplete waits for the next`() {
        let last = Self.frame(3, "1.6")
        var round = receive(Self.frame(1, "a") + Self.frame(2) + last.dropLast(2))
        #expect(round.frames.map(\.header.opaque) == [1, 2])
        #expect(round.fault == nil)
        intake.finish(&round)
        #expect(intake.reader.isInsideFrame)
        round = receive(last.suffix(2))
        #expect(round.frames.map(\.header.opaque) == [3])
        intake.finish(&round)
        #expect(!intake.reader.isInsideFrame)
    }

    @Test mutating func `a frame in front of bytes that cannot be one is not trusted`() {
        var round = receive(Self.frame(1, "a") + Self.frame(2, "b") + Array("HTTP/1.1 400 Bad Request\r\n".utf8))
        #expect(round.frames.map(\.header.opaque) == [1])
        #expect(round.fault == .notBinary(firstByte: UInt8(ascii: "H")))
        intake.finish(&round)
    }

    @Test mutating func `a frame in front of one that is too long is`() {
        let long = ResponseHeader(opcode: .version, status: .success, bodyLength: 1_001, opaque: 2).encoded()
        let round = receive(Self.frame(1, "a") + long)
        #expect(round.frames.map(\.header.opaque) == [1])
        #expect(round.fault == .bodyTooLarge(declared: 1_001, limit: 1_000))
    }

    @Test mutating func `while a round is dealt with the intake can be asked`() {
        var round = receive(Self.frame(1))
        #expect(intake.reader.hasSeenFrame && !intake.reader.isInsideFrame)
        intake.finish(&round)
        #expect(receive(Self.frame(2)).frames.map(\.header.opaque) == [2], "none of the round before is left")
    }
}
