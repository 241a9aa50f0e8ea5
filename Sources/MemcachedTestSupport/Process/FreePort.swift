import NIOConcurrencyHelpers

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A TCP port for a server that must be told its port when it starts.
///
/// While it is kept no other launcher of this process gets it: also a server that is down between stop and restart, for
/// however long that takes, finds its port free again.
///
/// The ports come from below the ranges out of which Linux (32768…60999) and macOS (49152…65535) serve outgoing
/// connections and listeners on port 0. So neither a client of a parallel test nor an in-process listener takes the
/// port of a server that is being restarted. What remains, launchers of two processes picking the same number, shows as
/// a failed start and is tried again by the launcher.
final class FreePort: Sendable {
    private static let candidates = 20_000...32_000
    /// Those that are kept.
    private static let kept = NIOLockedValueBox<Set<Int>>([])

    let number: Int

    private init(_ number: Int) {
        self.number = number
    }

    deinit {
        _ = Self.kept.withLockedValue { $0.remove(number) }
    }

    /// Whether somebody keeps a port.
    static func isKept(_ number: Int) -> Bool { kept.withLockedValue { $0.contains(number) } }

    /// Finds a port that nobody keeps and on which nobody listens at this moment.
    /// - Parameter host: The numeric IPv4 or IPv6 address to listen on.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/noFreePort`` after 200 ports in use.
    /// - Returns: A port.
    static func pick(host: String) throws(MemcachedTestSupportError) -> FreePort {
        for _ in 0..<200 {
            let number = Int.random(in: candidates)
            guard kept.withLockedValue({ $0.insert(number).inserted }) else { continue }
            let port = FreePort(number)
            if canBind(host: host, port: number) { return port }
        }
        throw MemcachedTestSupportError(.noFreePort, "No free TCP port was found on \(host) in \(candidates).")
    }

    private static func canBind(host: String, port: Int) -> Bool {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else { return false }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        return bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && listen(descriptor, 1) == 0
    }
}
