import Logging
import Synchronization

extension SessionCore {
    /// Routes that are remembered for ``noteHold(of:)``; beyond, further ones count as one.
    private static let maximumRoutes = 1_000
    /// What the further ones are remembered as.
    private static let furtherRoutes = "*"

    func tell(_ event: MemcachedSessionEvent) {
        configuration.onEvent?(event)
        metrics?.note(event)
    }

    /// Tells how long a request has waited for a lock that it has now, or has given up.
    func noteWait(since began: SessionTime.Instant, error: MemcachedSessionError? = nil) {
        metrics?.waited(began.duration(to: time.now()), error: error)
    }

    /// Tells that a session was gone when it was to be stored or prolonged.
    func noteLostSession(_ id: SessionID, route: String?) {
        logger.debug("a session was lost while it was in use", metadata: ["session": "\(id.label)"])
        tell(MemcachedSessionEvent(.lost, route: route))
    }

    /// Tells how long a lock was held, and says once for each route when PHP, by default, would have given up waiting.
    func noteHold(of lock: SessionLock) {
        let held = lock.acquired.duration(to: time.now())
        tell(MemcachedSessionEvent(.held, route: lock.route, duration: held))
        guard held > .milliseconds(500) else { return }
        let isFirst = slowRoutes.withLock { routes in
            let route = lock.route ?? ""
            let isKnown = routes.contains(route) || routes.count < Self.maximumRoutes
            return routes.insert(isKnown ? route : Self.furtherRoutes).inserted
        }
        logger.log(
            level: isFirst ? .info : .debug,
            "a session was locked for more than 500 ms; PHP gives up waiting after 750 ms",
            metadata: [
                "session": "\(lock.id.label)",
                "route": "\(lock.route ?? "")",
                "held_ms": "\(held.components.seconds * 1_000 + held.components.attoseconds / 1_000_000_000_000_000)",
            ]
        )
    }

    /// Tells that there is no session under an id that a client brought.
    func noteMissing(_ id: SessionID, route: String?) {
        logger.debug("no session under the id of a request", metadata: ["session": "\(id.label)"])
        tell(MemcachedSessionEvent(.missing, route: route))
    }

    /// Tells, once, that a lock was lost.
    func noteLost(_ lock: SessionLock) {
        guard lock.reportLoss() else { return }
        logger.debug("a lock was lost", metadata: ["session": "\(lock.id.label)"])
        tell(MemcachedSessionEvent(.lockLost, route: lock.route))
    }
}
