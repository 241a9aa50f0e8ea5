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
    /// - Returns: A configuration with servers, credentials and defaults for everything else.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names variables, never
    ///   the value of a password.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        family: EnvironmentFamily? = nil
    ) throws(MemcachedError) -> MemcachedConfiguration {
        let reader = EnvironmentReader(environment)
        guard let family else { return try reader.configuration(try reader.onlyFamily()) }
        return try reader.configuration(family)
    }
}

/// Reads one family of variables.
private struct EnvironmentReader {
    private let environment: [String: String]

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// The one family of which anything is set.
    func onlyFamily() throws(MemcachedError) -> MemcachedConfiguration.EnvironmentFamily {
        let families = MemcachedConfiguration.EnvironmentFamily.allCases
        let present = families.filter { $0.variables.contains { value($0) != nil } }
        guard let family = present.first else {
            let known = families.map { $0.variables.joined(separator: " + ") }.joined(separator: "; or ")
            let empty = families.flatMap(\.variables).filter { environment[$0] != nil }
            throw fault(
                "no memcached is named in the environment. Set \(known)"
                    + (empty.isEmpty ? "" : ". \(list(empty)) set, but empty, which counts as missing")
            )
        }
        guard present.count == 1 else {
            let found = present.map { family in
                family.variables.filter { value($0) != nil }.joined(separator: ", ")
            }
            throw fault(
                "variables of \(present.count) families are set (\(found.joined(separator: "; "))), and credentials of "
                    + "one must not go to the servers of another. Unset all but one family, or choose one with family:"
            )
        }
        return family
    }

    func configuration(
        _ family: MemcachedConfiguration.EnvironmentFamily
    ) throws(MemcachedError) -> MemcachedConfiguration {
        switch family {
        case .hostAndPort:
            return MemcachedConfiguration(servers: [try hostAndPort(family.variables)])
        case .memcachier, .memcachedCloud, .servers:
            return try serversAndCredentials(family)
        }
    }

    private func hostAndPort(_ variables: [String]) throws(MemcachedError) -> MemcachedServer {
        try require(variables)
        let host = (value("MEMCACHED_HOST") ?? "").trimmingBlanks()
        guard let port = UInt16(decimalDigits: (value("MEMCACHED_PORT") ?? "").trimmingBlanks()), port > 0 else {
            throw fault(
                "MEMCACHED_PORT has to be a number from 1 to 65535. (Kubernetes sets it to an address for a service "
                    + "called memcached: give the pod enableServiceLinks: false, or choose another family)"
            )
        }
        let colons = host.count { $0 == ":" }
        guard !host.contains(","), !host.hasPrefix("/"), colons != 1 else {
            throw fault(
                "MEMCACHED_HOST has to be one host name or address without a port; for more use MEMCACHED_SERVERS"
            )
        }
        let address = colons > 1 && !host.hasPrefix("[") ? "[\(host)]" : host
        return try parse("MEMCACHED_HOST") { () throws(MemcachedError) in
            try MemcachedServer(parsing: "\(address):\(port)")
        }
    }

    private func serversAndCredentials(
        _ family: MemcachedConfiguration.EnvironmentFamily
    ) throws(MemcachedError) -> MemcachedConfiguration {
        let servers = family.rawValue + "_SERVERS"
        let username = family.rawValue + "_USERNAME"
        let password = family.rawValue + "_PASSWORD"
        let hasCredentials = family != .servers || value(username) != nil || value(password) != nil
        try require(hasCredentials ? [servers, username, password] : [servers])
        var configuration = MemcachedConfiguration(
            servers: try parse(servers) { () throws(MemcachedError) in
                try MemcachedServer.list(parsing: value(servers) ?? "")
            }
        )
        if hasCredentials, let username = value(username), let password = value(password) {
            configuration.credentials = MemcachedCredentials(username: username, password: password)
        }
        return configuration
    }

    /// A variable that is there and not empty.
    private func value(_ name: String) -> String? {
        guard let value = environment[name], !value.trimmingBlanks().isEmpty else { return nil }
        return value
    }

    private func require(_ variables: [String]) throws(MemcachedError) {
        let missing = variables.filter { value($0) == nil }
        guard missing.isEmpty else {
            let isEmpty = missing.contains { environment[$0] != nil }
            throw fault(
                "\(list(missing)) missing\(isEmpty ? " or empty" : ""); \(variables.joined(separator: ", ")) belong "
                    + "together and are needed all"
            )
        }
    }

    private func parse<Value>(
        _ variable: String,
        _ body: () throws(MemcachedError) -> Value
    ) throws(MemcachedError) -> Value {
        do throws(MemcachedError) {
            return try body()
        } catch {
            throw fault("\(variable): \(error.detail)")
        }
    }

    private func list(_ names: [String]) -> String {
        names.joined(separator: ", ") + (names.count == 1 ? " is" : " are")
    }

    private func fault(_ detail: String) -> MemcachedError {
        MemcachedError(.invalidConfiguration, detail)
    }
}
