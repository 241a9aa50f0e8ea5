import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes attempts to connect to a listener hang, by filling its queue of connections that nobody accepts.
///
/// A listening socket whose queue is full drops further SYNs; that is what a firewall that drops packets looks like to
/// a client. `listen` on a socket that listens already changes the length of its queue (Linux and macOS), so the queue
/// can be made as short as possible first.
final class FullBacklog: Sendable {
    private struct State {
        var descriptors: [CInt] = []
        var ports: Set<Int> = []
    }

    private let state = NIOLockedValueBox(State())

    deinit {
        for descriptor in state.withLockedValue({ $0.descriptors }) { close(descriptor) }
    }

    /// Whether a connection is one of those that fill the queue; asked once for each.
    func isFiller(_ address: SocketAddress?) -> Bool {
        guard let port = address?.port else { return false }
        return state.withLockedValue { $0.ports.remove(port) != nil }
    }

    /// Stops accepting and fills the queue.
    func fill(_ listener: any Channel, _ address: TestServerAddress) async throws(MemcachedTestSupportError) {
        guard let port = address.port else { return }
        do {
            try await listener.setOption(.autoRead, value: false).get()
            try await Self.setBacklog(0, of: listener)
            let filled = try await NIOThreadPool.singleton.runIfActive { try self.connectUntilFull(port) }
            guard filled else { throw MemcachedTestSupportError(.system, "The listener's queue does not get full.") }
        } catch let error as MemcachedTestSupportError {
            throw error
        } catch {
            throw MemcachedTestSupportError(.system, "Making connections hang failed: \(error)")
        }
    }

    /// Lets go of what fills the queue and accepts again.
    func drain(_ listener: any Channel) async throws(MemcachedTestSupportError) {
        let descriptors = state.withLockedValue { state in
            defer { state.descriptors = [] }
            return state.descriptors
        }
        for descriptor in descriptors { close(descriptor) }
        do {
            try await Self.setBacklog(256, of: listener)
            try await listener.setOption(.autoRead, value: true).get()
        } catch {
            throw MemcachedTestSupportError(.system, "Accepting connections again failed: \(error)")
        }
    }

    private static func setBacklog(_ length: CInt, of listener: any Channel) async throws {
        try await listener.eventLoop
            .submit {
                try listener.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                    handle in
                    guard listen(handle, length) == 0 else { throw MemcachedTestSupportError.system("listen", errno) }
                }
            }
            .get()
    }

    /// Connects until an attempt hangs; blocks up to 50 ms at that one.
    /// - Returns: Whether one did.
    private func connectUntilFull(_ port: Int) throws(MemcachedTestSupportError) -> Bool {
        for _ in 0..<64 {
            #if canImport(Glibc)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
            #endif
            guard descriptor >= 0 else { throw .system("socket", errno) }
            state.withLockedValue { $0.descriptors.append(descriptor) }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            // The own port has to be known before the other side can accept.
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
                }
            }
            guard result else { throw .system("bind", errno) }
            let ownPort = Int(UInt16(bigEndian: address.sin_port))
            state.withLockedValue { _ = $0.ports.insert(ownPort) }
            address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
            }
            var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&polled, 1, 50) == 0 else { continue }
            // This one hangs, so it will never be accepted.
            state.withLockedValue { _ = $0.ports.remove(ownPort) }
            return true
        }
        return false
    }
}
