#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension MemcachedSessionConfiguration {
    /// Configures sessions from PHP's settings by name.
    ///
    /// `session.*` and `memcached.sess_*` are read with the names of php-memcached 2 and 3; `session.save_path` has to be
    /// among them. A name that begins so and is not known is an error, and so is a value of the wrong type. What has
    /// another name, or means nothing here, is listed in ``ignoredSettings``. A lifetime of 0, which in PHP means for
    /// ever, has to be spelled out: `session.gc_maxlifetime = never`. The format is PHP's unless
    /// `session.serialize_handler` names another.
    ///
    /// ```swift
    /// let configuration = try MemcachedSessionConfiguration(phpSettings: [
    ///     "session.save_path": "10.0.0.1:11211,10.0.0.2:11211",
    ///     "session.gc_maxlifetime": "86400",
    ///     "memcached.sess_lock_retries": "20",
    /// ])
    /// ```
    ///
    /// - Parameter settings: Names and values.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` that names the setting. No password is shown.
    public init(phpSettings settings: [String: String]) throws(MemcachedSessionError) {
        guard settings["session.save_path"] != nil else {
            throw PHPSettings.fault("session.save_path", "it is missing; write \"host:port,host:port\"")
        }
        self.init(servers: [])
        format = .php
        try apply(phpSettings: settings)
    }

    /// Configures sessions from the text of a `php.ini` or `.user.ini`.
    ///
    /// `${NAME}` stands for an environment variable, which has to be set.
    ///
    /// ```ini
    /// session.save_handler=memcached
    /// session.save_path="${MEMCACHIER_SERVERS}"
    /// memcached.sess_persistent=On
    /// memcached.sess_sasl_username=${MEMCACHIER_USERNAME}
    /// memcached.sess_sasl_password=${MEMCACHIER_PASSWORD}
    /// ```
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - environment: Names and values; by default those of the process.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` that names the setting and its line.
    public init(
        phpINI text: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MemcachedSessionError) {
        try self.init(phpSettings: try Self.settings(text, environment))
    }

    /// Configures sessions from a `php.ini` or `.user.ini`.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - environment: Names and values for `${NAME}`; by default those of the process.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration``, also when the file cannot be read.
    public init(
        phpINIFile path: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MemcachedSessionError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw MemcachedSessionError(
                .invalidConfiguration,
                "PHP's settings cannot be read from \(path)",
                cause: error
            )
        }
        guard data.count <= 1 << 20, let text = String(data: data, encoding: .utf8) else {
            throw MemcachedSessionError(
                .invalidConfiguration,
                "\(path) is not a file of PHP's settings: it has to be UTF-8 and at most 1 MiB"
            )
        }
        try self.init(phpINI: text, environment: environment)
    }

    /// Sets what PHP's settings say, and leaves the rest as it is.
    ///
    /// - Parameter settings: Names and values, as for ``init(phpSettings:)``; the save path may be
    ///   missing.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` that names the setting; nothing is changed then.
    public mutating func apply(phpSettings settings: [String: String]) throws(MemcachedSessionError) {
        let settings = try PHPSettings(settings)
        var changed = self
        try changed.applyServers(settings)
        try changed.applyConnection(settings)
        try changed.applyLocking(settings)
        try changed.applySession(settings)
        try changed.cookie.apply(settings)
        changed.ignoredSettings = Array(Set(ignoredSettings + settings.ignored)).sorted()
        self = changed
    }

    /// Sets what a `php.ini` or `.user.ini` says, and leaves the rest as it is.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - environment: Names and values for `${NAME}`; by default those of the process.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` that names the setting; nothing is changed then.
    public mutating func apply(
        phpINI text: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MemcachedSessionError) {
        try apply(phpSettings: try Self.settings(text, environment))
    }

    /// The settings of a file by name; of those that are not for sessions only the name counts.
    private static func settings(
        _ text: String,
        _ environment: [String: String]
    ) throws(MemcachedSessionError) -> [String: String] {
        var values: [String: String] = [:]
        for setting in PHPINIFile(text).settings {
            guard PHPSettingNames.isOurs(setting.name) else {
                values[setting.name] = ""
                continue
            }
            try PHPSettings.check(setting.name)
            func fault(_ advice: String) -> MemcachedSessionError {
                PHPSettings.fault("\(setting.name) in line \(setting.line)", advice)
            }
            guard !setting.isConditional else {
                throw fault(
                    "it holds for some hosts or paths only, which means nothing here; move it to another section"
                )
            }
            guard let text = setting.text else { throw fault("it has no value; write name = value") }
            do throws(PHPINIValue.Fault) {
                values[setting.name] = try PHPINIValue.parse(
                    text,
                    environment: environment,
                    isList: setting.name == "session.save_path"
                )
            } catch {
                throw fault(error.advice)
            }
        }
        return values
    }
}
