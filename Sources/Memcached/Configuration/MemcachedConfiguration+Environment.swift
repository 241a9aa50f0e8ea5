#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension MemcachedConfiguration {
    /// Variables that belong together: one service's servers with that service's credentials.
    ///
    /// A family is read whole or not at all, so that the password of one service never goes to another's host.
    public enum EnvironmentFamily: String, Hashable, Sendable, CaseIterable {
        /// `MEMCACHIER_SERVERS`, `MEMCACHIER_USERNAME`, `MEMCACHIER_PASSWORD`; all three.
        case memcachier = "MEMCACHIER"
        /// `MEMCACHEDCLOUD_SERVERS`, `MEMCACHEDCLOUD_USERNAME`, `MEMCACHEDCLOUD_PASSWORD`; all three.
        case memcachedCloud = "MEMCACHEDCLOUD"
        /// `MEMCACHED_HOST`, `MEMCACHED_PORT`: one server without credentials; both.
        case hostAndPort = "MEMCACHED_HOST"
        /// `MEMCACHED_SERVERS`, and `MEMCACHED_USERNAME` with `MEMCACHED_PASSWORD` or neither of these two.
        case servers = "MEMCACHED"

        /// The variables, the one with the servers first.
        public var variables: [String] {
            switch self {
            case .hostAndPort: ["MEMCACHED_HOST", "MEMCACHED_PORT"]
            case .memcachier, .memcachedCloud, .servers: ["_SERVERS", "_USERNAME", "_PASSWORD"].map { rawValue + $0 }
            }
        }
    }

    /// Configures a client from environment variables.
    ///
    /// These families of variables are read:
    /// - `MEMCACHIER_SERVERS`, `MEMCACHIER_USERNAME`, `MEMCACHIER_PASSWORD`
    /// - `MEMCACHEDCLOUD_SERVERS`, `MEMCACHEDCLOUD_USERNAME`, `MEMCACHEDCLOUD_PASSWORD`
    /// - `MEMCACHED_HOST`, `MEMCACHED_PORT`
    /// - `MEMCACHED_SERVERS`, with `MEMCACHED_USERNAME` and `MEMCACHED_PASSWORD` or without both
    ///
    /// Exactly one of them has to be set, or chosen with `family`; the last two are two families in spite of their
    /// names. Each needs all its variables. An empty variable counts as missing. Nothing set is an error and never a
    /// silent localhost. Servers without a port have 11211.
    ///
    /// - Parameters:
    ///   - environment: Names and values; by default those of the process.
    ///   - family: The family to read when more than one is set; nil when there is only one.
    ///   - profile: Settings for the kind of cache; they win over those in a configuration string.
    /// - Returns: A configuration with servers, credentials and the profile's settings.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names variables, never
    ///   the value of a password.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        family: EnvironmentFamily? = nil,
        profile: Profile = .standard
    ) throws(MemcachedError) -> MemcachedConfiguration {
        var configuration = try FamilyReader(environment).configuration(family)
        configuration.apply(profile)
        return configuration
    }
}
