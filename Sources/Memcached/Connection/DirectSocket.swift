import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A way past the channel for what is written to a socket without TLS.
///
/// A request can go out on the thread of its caller that way, who need not wake the event loop for it, and on the event
/// loop it costs the system call and little else. Connecting, waiting and closing are the channel's; so is what the socket
/// does not take at once.
///
/// It has a descriptor of its own for the channel's socket, which lives as long as this object: whoever writes holds it,
/// so that no byte can get into a file that has taken the number of a closed socket.
final class DirectSocket: Sendable {
    /// What is longer is left to the channel, which writes several buffers with one call.
    static let maximumBytes = 65_536

    private let descriptor: CInt

    /// A way to a socket; nil where there is none, or no further descriptor.
    ///
    /// - Parameter socket: The channel's descriptor, which stays the channel's. Whoever uses this makes sure that the channel
    ///   holds nothing unwritten.
    init?(to socket: CInt) {
        #if os(Linux)
        descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        if descriptor < 0 { return nil }
        #else
        // Elsewhere a signal may come of writing to a socket that the server has closed.
        return nil
        #endif
    }

    deinit {
        close(descriptor)
    }

    /// Writes what the socket takes without waiting.
    ///
    /// - Parameter buffer: The bytes.
    /// - Returns: How many of them it took; fewer also when there was an error, which the channel finds as well when it is
    ///   given the rest.
    func write(_ buffer: ByteBuffer) -> Int {
        #if os(Linux)
        buffer.withUnsafeReadableBytes { bytes in
            let count = send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
            return max(0, count)
        }
        #else
        return 0
        #endif
    }

    /// Reads what has come, without waiting.
    ///
    /// On the event loop, where the channel reads as well: what comes is in order whoever takes it.
    ///
    /// - Parameter buffer: Filled at its end as far as it has room.
    /// - Returns: How many bytes came; 0 when there are none, and at the end and after an error, which the channel tells.
    func read(into buffer: inout ByteBuffer) -> Int {
        #if os(Linux)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { bytes in
            max(0, recv(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT)))
        }
        #else
        return 0
        #endif
    }

    /// Says good-bye to the server: the channel has closed its descriptor, and this one may live on for a moment.
    func end() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }
}
