/// Reads one family of variables, from the environment or from wherever else such names and values are kept.
struct FamilyReader {
    typealias Family = MemcachedConfiguration.EnvironmentFamily

    /// The value of a variable; nil when it is not there.
    private let lookUp: (String) -> String?
    /// What errors call a variable.
    private let name: (String) -> String
    /// What errors call the whole.
    private let place: String

    /// Reads variables by other names and from elsewhere.
    ///
    /// - Parameters:
    ///   - place: What errors call the whole, as in "named in the environment".
    ///   - name: What errors call a variable.
    ///   - lookUp: The value of a variable; nil when it is not there.
    init(place: String, name: @escaping (String) -> String, lookUp: @escaping (String) -> String?) {
        self.place = place
        self.name = name
        self.lookUp = lookUp
    }

    /// Reads an environment.
    init(_ environment: [String: String]) {
        self.init(place: "the environment", name: { $0 }, lookUp: { environment[$0] })
    }

    /// Reads one family.
    ///
    /// - Parameter family: Which; nil for the one of which anything is set.
    /// - Returns: A configuration with servers, credentials and defaults for everything else.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func configuration(_ family: Family?) throws(MemcachedError) -> MemcachedConfiguration {
        let family = if let family { family } else { try onlyFamily() }
        switch family {
        case .hostAndPort:
            return MemcachedConfiguration(servers: [try hostAndPort(family.variables)])
        case .memcachier, .memcachedCloud, .servers:
            return try serversAndCredentials(family)
        }
    }

    /// The one family of which anything is set.
    private func onlyFamily() throws(MemcachedError) -> Family {
        let families = Family.allCases
        let present = families.filter { $0.variables.contains { value($0) != nil } }
        guard let family = present.first else {
            let known = families.map { $0.variables.map(name).joined(separator: " + ") }.joined(separator: "; or ")
            let empty = families.flatMap(\.variables).filter { lookUp($0) != nil }
            throw fault(
                "no memcached is named in \(place). Set \(known)"
                    + (empty.isEmpty ? "" : ". \(list(empty)) set, but empty, which counts as missing")
            )
        }
        guard present.count == 1 else {
            let found = present.map { family in
                family.variables.filter { value($0) != nil }.map(name).joined(separator: ", ")
            }
            throw fault(
                "variables of \(present.count) families are set (\(found.joined(separator: "; "))), and credentials of "
                    + "one must not go to the servers of another. Unset all but one family, or choose one with family:"
            )
        }
        return family
    }

    private func hostAndPort(_ variables: [String]) throws(MemcachedError) -> MemcachedServer {
        try require(variables)
        let host = (value("MEMCACHED_HOST") ?? "").trimmingBlanks()
        guard let port = UInt16(decimalDigits: (value("MEMCACHED_PORT") ?? "").trimmingBlanks()), port > 0 else {
            throw fault(
                "\(name("MEMCACHED_PORT")) has to be a number from 1 to 65535. (Kubernetes sets it to an address for a "
                    + "service called memcached: give the pod enableServiceLinks: false, or choose another family)"
            )
        }
        let colons = host.count { $0 == ":" }
        guard !host.contains(","), !host.hasPrefix("/"), colons != 1 else {
            throw fault(
                "\(name("MEMCACHED_HOST")) has to be one host name or address without a port; for more use "
                    + name("MEMCACHED_SERVERS")
            )
        }
        let address = colons > 1 && !host.hasPrefix("[") ? "[\(host)]" : host
        return try parse("MEMCACHED_HOST") { () throws(MemcachedError) in
            try MemcachedServer(parsing: "\(address):\(port)")
        }
    }

    private func serversAndCredentials(
        _ family: Family
    ) throws(MemcachedError) -> MemcachedConfiguration {
        let servers = family.rawValue + "_SERVERS"
        let username = family.rawValue + "_USERNAME"
        let password = family.rawValue + "_PASSWORD"
        let hasCredentials = family != .servers || value(username) != nil || value(password) != nil
        try require(hasCredentials ? [servers, username, password] : [servers])
        var configuration = try parse(servers) { () throws(MemcachedError) in
            try MemcachedConfiguration(servers: value(servers) ?? "")
        }
        if hasCredentials, let username = value(username), let password = value(password) {
            configuration.credentials = MemcachedCredentials(username: username, password: password)
        }
        return configuration
    }

    /// A variable that is there and not empty.
    private func value(_ variable: String) -> String? {
        guard let value = lookUp(variable), !value.trimmingBlanks().isEmpty else { return nil }
        return value
    }

    private func require(_ variables: [String]) throws(MemcachedError) {
        let missing = variables.filter { value($0) == nil }
        guard missing.isEmpty else {
            let isEmpty = missing.contains { lookUp($0) != nil }
            throw fault(
                "\(list(missing)) missing\(isEmpty ? " or empty" : ""); \(variables.map(name).joined(separator: ", ")) belong "
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
            throw fault("\(name(variable)): \(error.detail)")
        }
    }

    private func list(_ names: [String]) -> String {
        names.map(name).joined(separator: ", ") + (names.count == 1 ? " is" : " are")
    }

    private func fault(_ detail: String) -> MemcachedError {
        MemcachedError(.invalidConfiguration, detail)
    }
}
