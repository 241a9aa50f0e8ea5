import Memcached
import MemcachedHashing

extension MemcachedSessionConfiguration {
    /// Save path, pool and placement.
    mutating func applyServers(_ settings: PHPSettings) throws(MemcachedSessionError) {
        if let handler = settings.text("session.save_handler"), handler != "memcached" {
            throw PHPSettings.fault("session.save_handler", "it has to be memcached; these sessions are somewhere else")
        }
        if let path = settings.text("session.save_path") {
            let parsed = try MemcachedSessionConfiguration(savePath: path)
            client.servers = parsed.client.servers
            poolName = parsed.poolName
            // As php-memcached 3 names the pools that it keeps.
            if poolName == nil, try settings.flag("memcached.sess_persistent") == true {
                poolName = "memc-session:\(path)"
            }
        }
        if let prefix = settings.text("memcached.sess_prefix") {
            self.prefix = prefix
            hasPrefixOfPHP = true
        }
        let isConsistent = try settings.flag("memcached.sess_consistent_hash")
        let type = settings.text("memcached.sess_consistent_hash_type")
        guard let mode = PHPSessionMode(rawValue: type ?? "ketama"), mode != .off else {
            throw PHPSettings.fault("memcached.sess_consistent_hash_type", "it has to be ketama or ketama_weighted")
        }
        if isConsistent != nil || type != nil {
            client.selection = .phpSession(isConsistent == false ? .off : mode)
        }
        if let replicas = try settings.number("memcached.sess_number_of_replicas", 0...100) {
            self.replicas = replicas
        }
    }

    private typealias PHPSessionMode = ServerSelection.PHPSessionDistribution

    /// Protocol, credentials and what becomes of servers that fail.
    mutating func applyConnection(_ settings: PHPSettings) throws(MemcachedSessionError) {
        for name in ["memcached.sess_binary_protocol", "memcached.sess_binary"]
        where try settings.flag(name) == false {
            throw PHPSettings.fault(name, "it has to be On: there is no text protocol here")
        }
        if let milliseconds = try settings.number("memcached.sess_connect_timeout", 0...86_400_000), milliseconds > 0 {
            client.timeouts.connect = .milliseconds(milliseconds)
        }
        let username = settings.text("memcached.sess_sasl_username") ?? ""
        let password = settings.text("memcached.sess_sasl_password") ?? ""
        switch (username.isEmpty, password.isEmpty) {
        case (true, true): break
        case (false, false): client.credentials = .init(username: username, password: password)
        case (false, true): throw PHPSettings.fault("memcached.sess_sasl_password", "it is missing beside a user name")
        case (true, false): throw PHPSettings.fault("memcached.sess_sasl_username", "it is missing beside a password")
        }
        if let failures = try settings.number("memcached.sess_server_failure_limit", 0...1_000_000), failures > 0 {
            client.health.failureThreshold = failures
        }
        for name in ["memcached.sess_remove_failed_servers", "memcached.sess_remove_failed"] {
            // What validation refuses without `sessionsMayBeLost`.
            if let ejects = try settings.flag(name) { client.failures.policy = ejects ? .eject : .keep }
        }
    }

    /// The lock's schedule: of php-memcached 3, or of 2 in microseconds and seconds.
    mutating func applyLocking(_ settings: PHPSettings) throws(MemcachedSessionError) {
        if let isEnabled = try settings.flag("memcached.sess_locking") { locking.isEnabled = isEnabled }
        let longest = 86_400
        if let microseconds = try settings.number("memcached.sess_lock_wait", 0...longest * 1_000_000) {
            locking.minimumWait = .microseconds(max(1_000, microseconds))
            locking.maximumWait = locking.minimumWait
        }
        if let seconds = try settings.number("memcached.sess_lock_max_wait", 0...longest), seconds > 0 {
            locking.timeout = .seconds(seconds)
            locking.retries = Int(min(1e9, Duration.seconds(seconds) / locking.minimumWait))
        }
        // PHP asks again at once after 0 ms; here that is 1 ms.
        if let milliseconds = try settings.number("memcached.sess_lock_wait_min", 0...longest * 1_000) {
            locking.minimumWait = .milliseconds(max(1, milliseconds))
        }
        if let milliseconds = try settings.number("memcached.sess_lock_wait_max", 0...longest * 1_000) {
            locking.maximumWait = .milliseconds(max(1, milliseconds))
        }
        if let retries = try settings.number("memcached.sess_lock_retries", Int(Int32.min)...Int(Int32.max)) {
            locking.retries = max(0, retries)
            // What is asked for explicitly is not cut short by the time that goes with the default.
            locking.timeout = max(locking.timeout, min(.seconds(longest), locking.longestWait + .seconds(1)))
        }
        if let seconds = try settings.number("memcached.sess_lock_expire", 0...longest), seconds > 0 {
            guard seconds >= 3 else {
                throw PHPSettings.fault(
                    "memcached.sess_lock_expire",
                    "it has to be at least 3: servers count whole seconds, and a lock of 1 s was seen to go after half of it"
                )
            }
            locking.lease = .seconds(seconds)
        }
    }

    /// Lifetime, ids and modes of PHP's own session module.
    mutating func applySession(_ settings: PHPSettings) throws(MemcachedSessionError) {
        let lifetimeName = "session.gc_maxlifetime"
        if settings.text(lifetimeName)?.trimmingBlanks().lowercased() == "never" {
            lifetime = .never
        } else if let seconds = try settings.number(lifetimeName, Int(Int32.min)...Int(Int32.max)) {
            guard seconds > 0 else {
                throw PHPSettings.fault(
                    lifetimeName,
                    "PHP keeps such sessions for ever; say so: \(lifetimeName) = never (PHP reads 0), or give it seconds"
                )
            }
            lifetime = .after(.seconds(seconds))
        }
        let longest = SessionID.maximumLength(prefix: prefix)
        if let length = try settings.number("session.sid_length", 22...max(22, longest)) { ids.length = length }
        if let bits = try settings.number("session.sid_bits_per_character", 4...6) { ids.bitsPerCharacter = bits }
        if let isStrict = try settings.flag("session.use_strict_mode") { self.isStrict = isStrict }
        if let isLazy = try settings.flag("session.lazy_write") { writesLazily = isLazy }
        if let name = settings.text("session.serialize_handler") {
            guard let format = MemcachedPHPSessionFormat(serializeHandler: name.trimmingBlanks()) else {
                throw PHPSettings.fault(
                    "session.serialize_handler",
                    "it has to be php, php_binary, php_serialize, igbinary or msgpack"
                )
            }
            self.format = format
        }
    }
}

extension MemcachedSessionConfiguration.Locking {
    /// How long all waits take at most, a quarter of chance included.
    fileprivate var longestWait: Duration {
        let last = max(minimumWait, maximumWait)
        return min(.seconds(86_400), last * 1.25 * Double(min(retries, 1_000_000_000)))
    }
}

extension MemcachedSessionConfiguration.Cookie {
    mutating func apply(_ settings: PHPSettings) throws(MemcachedSessionError) {
        if let name = settings.text("session.name") { self.name = name }
        if let path = settings.text("session.cookie_path") { self.path = path }
        if let domain = settings.text("session.cookie_domain") { self.domain = domain.isEmpty ? nil : domain }
        if let seconds = try settings.number("session.cookie_lifetime", 0...Int(Int32.max)) {
            lifetime = seconds == 0 ? nil : .seconds(seconds)
        }
        if let isSecure = try settings.flag("session.cookie_secure") { secure = isSecure ? .always : .never }
        if let isHTTPOnly = try settings.flag("session.cookie_httponly") { self.isHTTPOnly = isHTTPOnly }
        if let text = settings.text("session.cookie_samesite") {
            let name = "session.cookie_samesite"
            switch text.trimmingBlanks().lowercased() {
            case "": sameSite = nil
            case "lax": sameSite = .lax
            case "strict": sameSite = .strict
            case "none": sameSite = .anySite
            default: throw PHPSettings.fault(name, "it has to be Lax, Strict, None or empty")
            }
        }
    }
}
