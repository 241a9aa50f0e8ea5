import NIOCore
import Testing

@testable import Memcached

@Suite struct SocketFaultTests {
    private struct Secretive: Error, CustomStringConvertible {
        var description: String { "hunter2" }
    }

    @Test func `an error of the system is told in its words`() {
        let summary = SocketFault.summary(IOError(errnoCode: 111, reason: "connect"))
        #expect(summary.contains("connect"))
        #expect(summary.contains("111"))
    }

    @Test func `an error of a channel is told in its words`() {
        #expect(SocketFault.summary(ChannelError.eof) == String(describing: ChannelError.eof))
    }

    /// What it says of itself is not known and may be anything.
    @Test func `of any other error only its type is told`() {
        #expect(SocketFault.summary(Secretive()) == "Secretive")
        #expect(SocketFault.summary(CancellationError()) == "CancellationError")
    }
}
