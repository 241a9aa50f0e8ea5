#if ConfigurationSupport
public import Configuration

extension MemcachedConfiguration {
    /// Configures a client with swift-configuration (trait `ConfigurationSupport`).
    ///
    /// The keys are those of ``fromEnvironment(_:family:profile:)`` in lower case, with a dot in front of their last word, so
    /// that `EnvironmentVariablesProvider` finds the same variables:
    /// - `memcachier.servers`, `memcachier.username`, `memcachier.password`
    /// - `memcachedcloud.servers`, `memcachedcloud.username`, `memcachedcloud.password`
    /// - `memcached.host`, `memcached.port`
    /// - `memcached.servers`, with `memcached.username` and `memcached.password` or without both
    ///
    /// The same rules hold: exactly one family is set or chosen, a family is read whole, nothing set is an error. Names
    /// and passwords are asked for as secrets, so that access reporters do not show them. A file may list servers in an
    /// array, and give the port as a number; a name and a password have to be strings.
    ///
    /// - Parameters:
    ///   - config: Where to read; scope it for keys within a larger configuration.
    ///   - family: The family to read when more than one is set; nil when there is only one.
    ///   - profile: Settings for the kind of cache; they win over those in a configuration string.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names keys, never the
    ///   value of a password.
    public init(
        reading config: ConfigReader,
        family: EnvironmentFamily? = nil,
        profile: Profile = .standard
    ) throws(MemcachedError) {
        let reader = FamilyReader(place: "the configuration", name: Self.configKey) { variable in
            let key = ConfigKey(Self.configKey(variable))
            let isSecret = variable.hasSuffix("_USERNAME") || variable.hasSuffix("_PASSWORD")
            if let value = config.string(forKey: key, isSecret: isSecret) { return value }
            if variable.hasSuffix("_PORT") { return config.int(forKey: key).map { "\($0)" } }
            if variable.hasSuffix("_SERVERS") { return config.stringArray(forKey: key)?.joined(separator: ",") }
            return nil
        }
        self = try reader.configuration(family)
        apply(profile)
    }

    /// `memcached.host` for `MEMCACHED_HOST`.
    private static func configKey(_ variable: String) -> String {
        variable.lowercased().split(separator: "_").joined(separator: ".")
    }
}
#endif
