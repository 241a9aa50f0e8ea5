import Foundation
import Hummingbird
import HummingbirdMemcached
import Logging
import Memcached
import MemcachedSessions

/// Puts the application together.
enum CounterApplication {
    /// Makes the application, ready to run.
    ///
    /// Nothing is connected yet.
    ///
    /// - Parameters:
    ///   - options: How this process is to run.
    ///   - logger: Where the application and its cache client say what happens.
    /// - Returns: The application.
    /// - Throws: ``MemcachedSessionError`` when the environment names no cache or the settings make no sense.
    static func make(_ options: Options, logger: Logger) throws -> some ApplicationProtocol {
        var sessions = try options.cache.configuration()
        sessions.client.logger = logger
        sessions.cookie.name = "session"
        sessions.cookie.secure = options.hasSecureCookie ? .always : .never
        sessions.locking.isEnabled = options.demonstration.hasLocks
        // PHP gives up after 5 waits of 150 ms. A person who reloads twice would rather wait than see an error.
        sessions.locking.retries = 40
        let handler = try MemcachedSessionHandler(sessions)
        let counter = Counter(process: options.name, pause: options.demonstration.pause)

        let router = Router(context: BasicMemcachedSessionRequestContext.self)
        router.add(middleware: PageHeaders())
        // Outside of the sessions, whose errors it turns into pages.
        router.add(middleware: ErrorPages())
        counter.addRoutes(to: router.group().add(middleware: MemcachedSessionMiddleware(handler)))
        counter.addRoutesWithoutSession(to: router)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                serverName: nil
            ),
            // Ends after the server has, so requests under way still have their sessions.
            services: [handler.client],
            onServerRunning: { _ in
                let process = ProcessInfo.processInfo.processIdentifier
                logger.notice("\(options.name), process \(process), listens on \(options.host):\(options.port)")
            },
            logger: logger
        )
    }
}
