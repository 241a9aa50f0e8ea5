/// The names of PHP's settings that have to do with sessions.
///
/// Source: `ext/session/session.c` of PHP 5.4 to 8.4 and `memcached.ini` of php-memcached 2.1 to 3.3.
enum PHPSettingNames {
    /// Those that begin so have to be known: one that is mistyped would be without effect in silence.
    static let prefixes = ["session.", "memcached.sess_"]

    /// What this package carries out.
    static let applied: Set<String> = [
        "session.save_handler", "session.save_path", "session.gc_maxlifetime", "session.sid_length",
        "session.sid_bits_per_character", "session.use_strict_mode", "session.lazy_write", "session.name",
        "session.cookie_lifetime", "session.cookie_path", "session.cookie_domain", "session.cookie_secure",
        "session.cookie_httponly", "session.cookie_samesite", "session.serialize_handler",
        "memcached.sess_locking", "memcached.sess_lock_wait_min", "memcached.sess_lock_wait_max",
        "memcached.sess_lock_retries", "memcached.sess_lock_expire", "memcached.sess_lock_wait",
        "memcached.sess_lock_max_wait", "memcached.sess_binary_protocol", "memcached.sess_binary",
        "memcached.sess_consistent_hash", "memcached.sess_consistent_hash_type",
        "memcached.sess_number_of_replicas", "memcached.sess_remove_failed_servers", "memcached.sess_remove_failed",
        "memcached.sess_server_failure_limit", "memcached.sess_connect_timeout", "memcached.sess_sasl_username",
        "memcached.sess_sasl_password", "memcached.sess_persistent", "memcached.sess_prefix",
    ]

    /// What means nothing here, although PHP knows it.
    static let withoutMeaning: Set<String> = [
        "session.auto_start", "session.gc_probability", "session.gc_divisor",
        "session.use_cookies",
        "session.use_only_cookies", "session.referer_check", "session.cache_limiter", "session.cache_expire",
        "session.use_trans_sid", "session.trans_sid_tags", "session.trans_sid_hosts", "session.cookie_partitioned",
        "session.upload_progress.enabled", "session.upload_progress.cleanup", "session.upload_progress.prefix",
        "session.upload_progress.name", "session.upload_progress.freq", "session.upload_progress.min_freq",
        "session.hash_function", "session.hash_bits_per_character", "session.entropy_file", "session.entropy_length",
        "session.bug_compat_42", "session.bug_compat_warn",
        // Reads always ask the primary first: a replica may be older.
        "memcached.sess_randomize_replica_read",
    ]

    /// Whether a setting has to be one of the known.
    static func isOurs(_ name: String) -> Bool { prefixes.contains { name.lowercased().hasPrefix($0) } }

    /// The known name that a mistyped one is closest to, if any is close.
    static func suggestion(for name: String) -> String? {
        let candidates = applied.union(withoutMeaning).map { (distance($0, name), $0) }
        guard let best = candidates.min(by: { $0 < $1 }), best.0 <= 4 else { return nil }
        return best.1
    }

    /// How many characters have to be put in, left out or exchanged (Levenshtein).
    private static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second.utf8.prefix(100))
        var row = Array(0...second.count)
        for (index, byte) in first.utf8.enumerated() {
            let previous = row
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let exchanged = previous[column] + (byte == other ? 0 : 1)
                row[column + 1] = min(previous[column + 1] + 1, row[column] + 1, exchanged)
            }
        }
        return row.last ?? 0
    }
}
