import Memcached
import MemcachedSessions

/// Which cache keeps the sessions, and under which keys.
struct CacheOptions: Hashable, Sendable {
    /// PHP's `session.save_path`; nil when the variables of a caching service are to be read.
    private var savePath: String?
    /// User name and password that go with a save path.
    private var credentials: MemcachedCredentials?
    /// Stands before every key; nil for PHP's.
    private var keyPrefix: String?
    private var environment: [String: String]

    init(_ environment: [String: String]) throws(OptionError) {
        self.environment = environment
        savePath = environment["SESSION_SAVE_PATH"]
        keyPrefix = environment["SESSION_KEY_PREFIX"]
        switch (environment["SESSION_SASL_USERNAME"], environment["SESSION_SASL_PASSWORD"]) {
        case (nil, nil):
            break
        case (let user?, let password?) where savePath != nil:
            credentials = MemcachedCredentials(username: user, password: password)
        default:
            // A password must not end up with servers that other variables name.
            throw OptionError(
                "SESSION_SASL_USERNAME and SESSION_SASL_PASSWORD belong together, and to SESSION_SAVE_PATH"
            )
        }
    }

    /// The configuration of the sessions.
    func configuration() throws(MemcachedSessionError) -> MemcachedSessionConfiguration {
        var configuration: MemcachedSessionConfiguration
        if let savePath {
            configuration = try MemcachedSessionConfiguration(savePath: savePath)
            configuration.client.credentials = credentials
        } else {
            configuration = try .fromEnvironment(environment)
        }
        if let keyPrefix { configuration.prefix = keyPrefix }
        return configuration
    }
}
