/// The environment of the application's processes.
enum ApplicationEnvironment {
    /// What the processes get on top of what `ChildEnvironment` leaves.
    ///
    /// - Parameters:
    ///   - parent: The environment to start from.
    ///   - keepsCache: Whether variables that name a cache are passed on.
    ///   - cache: Variables that name the cache.
    ///   - options: Further settings, such as `DEMO_LOCKS`.
    /// - Returns: All of the environment of a process.
    static func make(
        from parent: [String: String],
        keepsCache: Bool = false,
        cache: [String: String],
        options: [String: String] = [:]
    ) -> [String: String] {
        var own = [
            // The front speaks plain HTTP on the loopback interface.
            "SESSION_COOKIE_SECURE": "0",
            "LOG_LEVEL": "notice",
        ]
        own.merge(cache) { _, new in new }
        own.merge(options) { _, new in new }
        return ChildEnvironment.make(from: parent, keepsCache: keepsCache, adding: own)
    }
}
