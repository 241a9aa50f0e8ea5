import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Channel {
    /// Makes the next close send RST instead of FIN; a unix socket has neither and is just closed.
    func resetOnClose() {
        guard remoteAddress?.port != nil, let provider = self as? any SocketOptionProvider else { return }
        _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
}
