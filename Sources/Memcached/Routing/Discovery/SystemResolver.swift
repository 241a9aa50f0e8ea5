import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The resolver of the operating system, `getaddrinfo`, on a thread where it may block.
package struct SystemResolver: AddressResolver {
    /// Threads for nothing else: without an answer from DNS a lookup blocks for many seconds, and in the pool of the
    /// process others wait, such as those who derive the keys of SCRAM.
    private static let threads = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        // Started with the first lookup, and there for as long as the process.
        pool.start()
        return pool
    }()

    package init() {}

    package func addresses(of host: String, completion: @escaping @Sendable (Result<[String], any Error>) -> Void) {
        Self.threads.submit { state in
            switch state {
            case .active: completion(Result { try Self.lookUp(host) })
            case .cancelled: completion(.failure(ResolverError(text: "the thread pool has been shut down")))
            }
        }
    }

    /// Asks the operating system, and waits for it.
    private static func lookUp(_ host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // One entry for each address, not one for each kind of socket.
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw ResolverError(text: gai_strerror(code).map { String(cString: $0) } ?? "error \(code)")
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let info = entry {
            if let text = text(of: info.pointee) { addresses.append(text) }
            entry = info.pointee.ai_next
        }
        return addresses
    }

    private static func text(of info: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            let address = info.ai_addr,
            getnameinfo(
                address,
                info.ai_addrlen,
                &text,
                socklen_t(text.count),
                nil,
                0,
                NI_NUMERICHOST
            ) == 0
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why a name has no addresses.
package struct ResolverError: Error, CustomStringConvertible {
    package let text: String

    package init(text: String) {
        self.text = text
    }

    package var description: String { text }
}
