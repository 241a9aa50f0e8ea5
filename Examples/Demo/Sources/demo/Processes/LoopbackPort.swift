import HTTPExchange
import NIOCore
import NIOPosix

/// TCP ports of the loopback interface for processes that are told their port when they start.
///
/// They come from below the ranges from which systems number outgoing connections (32768 and up on Linux, 49152 and up
/// on macOS), so a port stays free while its process is being restarted.
enum LoopbackPort {
    private static let candidates = 20_000...32_000

    /// Picks a port that nobody listens on at this moment.
    static func pick() async throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: candidates)
            if await isFree(port) { return port }
        }
        throw DemoError("No free port was found in \(candidates).")
    }

    /// Whether nobody listens on a port.
    static func isFree(_ port: Int) async -> Bool {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: "127.0.0.1", port: port).get()
            try await channel.close().get()
            return true
        } catch {
            return false
        }
    }
}
