import Foundation

/// The environment that child processes get: ours without everything that names somebody's cache or changes how the
/// application runs.
enum ChildEnvironment {
    /// The beginnings of names that say where a cache is or hold its password.
    private static let cachePrefixes = ["MEMCACHIER_", "MEMCACHEDCLOUD_", "MEMCACHED_", "MEMCACHE_"]
    /// What `SessionCounter` reads besides.
    private static let applicationPrefixes = ["SESSION_", "DEMO_"]
    private static let applicationNames: Set<String> = ["DYNO", "PORT", "LOG_LEVEL"]

    /// Whether a variable names somebody's cache.
    static func namesCache(_ name: String) -> Bool {
        cachePrefixes.contains(where: name.hasPrefix)
    }

    /// The environment for a child.
    ///
    /// - Parameters:
    ///   - parent: The environment to start from.
    ///   - keepsCache: Whether variables that name a cache are passed on: only for a cache that was asked for.
    ///   - own: What the child gets on top.
    /// - Returns: All of the child's environment.
    static func make(
        from parent: [String: String],
        keepsCache: Bool = false,
        adding own: [String: String]
    ) -> [String: String] {
        parent
            .filter { name, _ in
                if namesCache(name) { return keepsCache }
                return !applicationNames.contains(name) && !applicationPrefixes.contains(where: name.hasPrefix)
            }
            .merging(own) { _, own in own }
    }

    /// Removes every variable that names somebody's cache from the environment of this process.
    ///
    /// To be called before anything else runs: changing the environment while another thread reads it is not safe.
    static func forgetCaches() {
        for name in ProcessInfo.processInfo.environment.keys where namesCache(name) {
            unsetenv(name)
        }
    }
}
