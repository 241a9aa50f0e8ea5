import MemcachedHashing

/// The configuration string of libmemcached, such as
/// `--SERVER=10.0.0.1:11211/?2 --SERVER=10.0.0.2 --DISTRIBUTION=consistent --NAMESPACE="app:"`.
///
/// Grammar: libmemcached 1.1.4, `docs/source/libmemcached/configuration.rst` and `csl/`. Names of options and their words
/// are read in any case, options are separated by blanks, values with blanks stand in double quotes.
struct LibmemcachedOptions {
    private(set) var servers: [MemcachedServer] = []
    private(set) var namespace: String?
    private(set) var connectTimeout: Duration?
    private(set) var operationTimeout: Duration?
    private(set) var requiresTextSafeKeys = false
    /// Whether keys of a server that is down go to the others.
    private(set) var ejectsServers = false
    private(set) var failureLimit: Int?
    /// How long a server that is down is left alone.
    private(set) var retryTimeout: Duration?
    private var sortsHosts = false
    private var hashesNamespace = false
    private var handle = LibmemcachedHandle()

    /// How the handle that libmemcached makes of the string places keys: modula, unless it says otherwise.
    var selection: ServerSelection {
        var selection = handle.selection
        selection.sortsHosts = sortsHosts
        selection.hashesNamespace = hashesNamespace
        return selection
    }

    /// Whether a text is such a string and not a list of servers.
    static func isLikely(_ text: String) -> Bool { text.trimmingBlanks().hasPrefix("--") }

    /// Reads a string.
    ///
    /// - Parameter text: The string.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration`` that names the option, never a value that may be a secret:
    ///   for options that mean nothing here, for those that are not known, and where there is no server.
    init(parsing text: String) throws(MemcachedError) {
        let words = try Self.words(of: text)
        // Before all others, and whatever stands around it: a password with a blank is two words. The last one: with an @
        // and a blank in a password an earlier one would show a part of it.
        if let word = words.last(where: { $0.unicodeScalars.contains("@") && Self.name(of: $0) != "--NAMESPACE" }) {
            throw MemcachedServer.credentialsInServer(word)
        }
        for word in words {
            if word.uppercased() == "END" { break }
            try apply(word)
        }
        guard !servers.isEmpty else { throw Self.fault("--SERVER", "no server is named; write --SERVER=host:port") }
    }

    private mutating func apply(_ word: String) throws(MemcachedError) {
        let name = Self.name(of: word)
        let value = Self.value(of: word)
        switch name {
        case "--SERVER": try add(try Self.server(value, isSocket: false))
        case "--SOCKET": try add(try Self.server(value, isSocket: true))
        case "--NAMESPACE":
            guard let value, !value.isEmpty else { throw Self.fault(name, "needs a text behind the =") }
            guard namespace == nil else { throw Self.fault(name, "may be there once") }
            namespace = value
        case "--DISTRIBUTION": try setDistribution(value ?? "")
        case "--HASH": handle.hash = try Self.hash(value, name)
        case "--SORT-HOSTS": sortsHosts = try Self.flag(value, name)
        case "--HASH-WITH-NAMESPACE": hashesNamespace = try Self.flag(value, name)
        case "--VERIFY-KEY": requiresTextSafeKeys = try Self.flag(value, name)
        case "--CONNECT-TIMEOUT": connectTimeout = try Self.milliseconds(value, name)
        case "--POLL-TIMEOUT": operationTimeout = try Self.milliseconds(value, name)
        case "--REMOVE-FAILED-SERVERS": ejectsServers = try Self.number(value, name) > 0
        case "--SERVER-FAILURE-LIMIT": failureLimit = max(1, Int(try Self.number(value, name)))
        case "--RETRY-TIMEOUT": retryTimeout = .seconds(max(1, Int64(try Self.number(value, name))))
        case "--BINARY-PROTOCOL", "--SUPPORT-CAS", "--TCP-NODELAY", "--TCP-KEEPALIVE":
            // What every client here does anyway.
            _ = try Self.flag(value, name)
        default:
            throw Self.refusal(of: name)
        }
    }

    private mutating func add(_ server: MemcachedServer) throws(MemcachedError) {
        servers.append(server)
        handle.addServer(weight: server.weight)
    }

    /// `consistent` or `modula`, with or without a hash behind a comma, which libmemcached takes and never uses.
    private mutating func setDistribution(_ value: String) throws(MemcachedError) {
        let parts = value.lowercased().split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1 { _ = try Self.hash(String(parts[1]), "--DISTRIBUTION") }
        switch parts.first {
        case "consistent": handle.setConsistent(true)
        case "modula": handle.setConsistent(false)
        case "random": throw Self.fault("--DISTRIBUTION", "random finds no key again; use consistent or modula")
        default: throw Self.fault("--DISTRIBUTION", "has to be consistent or modula")
        }
    }
}

extension LibmemcachedOptions {
    /// The words of a string: split at blanks outside of double quotes, the quotes taken off, comment lines left out.
    private static func words(of text: String) throws(MemcachedError) -> [String] {
        var words: [String] = []
        for line in text.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }) where line.first != "#" {
            var word = String.UnicodeScalarView()
            var isQuoted = false
            for scalar in line {
                switch scalar {
                case "\"": isQuoted.toggle()
                case " ", "\t":
                    if isQuoted {
                        word.append(scalar)
                    } else if !word.isEmpty {
                        words.append(String(word))
                        word = String.UnicodeScalarView()
                    }
                default: word.append(scalar)
                }
            }
            guard !isQuoted else {
                throw MemcachedError(
                    .invalidConfiguration,
                    "a value in the configuration string begins with a double quote and does not end with one"
                )
            }
            if !word.isEmpty { words.append(String(word)) }
        }
        return words
    }

    private static func name(of word: String) -> String {
        String(word.prefix { $0 != "=" }).uppercased()
    }

    private static func value(of word: String) -> String? {
        word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) }
    }

    /// `host:port/?weight` or `/path/?weight`.
    private static func server(_ value: String?, isSocket: Bool) throws(MemcachedError) -> MemcachedServer {
        let name = isSocket ? "--SOCKET" : "--SERVER"
        var place = value ?? ""
        var weight: UInt32?
        if let mark = place.firstRange(of: "/?") {
            guard let number = UInt32(decimalDigits: place[mark.upperBound...]), number > 0 else {
                throw fault(name, "behind /? comes a weight, a number from 1")
            }
            weight = number
            place = String(place[..<mark.lowerBound])
        }
        guard place.hasPrefix("/") == isSocket else {
            throw fault(name, isSocket ? "needs a path, which begins with /" : "needs host:port; --SOCKET takes a path")
        }
        guard !place.unicodeScalars.contains(",") else {
            throw fault(
                name,
                "names one server; write the option again for the next, with a blank and no comma between"
            )
        }
        var server: MemcachedServer
        if isSocket {
            // In its quotes a path may have blanks, which mean something else in a list of servers.
            guard !place.unicodeScalars.contains(where: \.isControl) else {
                throw fault(name, "the path holds a control character")
            }
            server = .unix(place)
        } else {
            server = try MemcachedServer(parsing: place)
        }
        if let weight { server.weight = weight }
        return server
    }

    private static func hash(_ value: String?, _ name: String) throws(MemcachedError) -> ServerSelection.KeyHash {
        guard let value, let hash = ServerSelection.KeyHash(rawValue: value.lowercased()) else {
            let known = ServerSelection.KeyHash.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault(name, "takes a hash: \(known)")
        }
        return hash
    }

    private static func flag(_ value: String?, _ name: String) throws(MemcachedError) -> Bool {
        guard value == nil else { throw fault(name, "takes no value") }
        return true
    }

    private static func number(_ value: String?, _ name: String) throws(MemcachedError) -> UInt32 {
        guard let value, let number = UInt32(decimalDigits: value) else { throw fault(name, "takes a number from 0") }
        return number
    }

    private static func milliseconds(_ value: String?, _ name: String) throws(MemcachedError) -> Duration {
        guard let value, let number = UInt32(decimalDigits: value), number > 0 else {
            throw fault(name, "takes milliseconds, a number from 1")
        }
        return .milliseconds(Int64(number))
    }

    /// What is said of an option that is not taken.
    private static func refusal(of name: String) -> MemcachedError {
        switch name {
        case "--SND-TIMEOUT", "--RCV-TIMEOUT":
            fault(name, "there is one time for a whole operation here; use --POLL-TIMEOUT")
        case "--USE-UDP": fault(name, "the binary protocol is spoken over TCP and unix sockets only")
        case "--NOREPLY", "--BUFFER-REQUESTS":
            fault(name, "every operation here is answered, and requests of many tasks go out together by themselves")
        case "--CONFIGURE-FILE", "INCLUDE": fault(name, "no other file is read from a configuration string")
        case "--TCP-KEEPIDLE", "--SOCKET-RECV-SIZE", "--SOCKET-SEND-SIZE", "--IO-BYTES-WATERMARK",
            "--IO-KEY-PREFETCH", "--IO-MSG-WATERMARK", "--FETCH-VERSION", "--USER-DATA":
            fault(name, "it has no counterpart here; leave it out")
        case "--POOL-MIN", "--POOL-MAX", "--NUMBER-OF-REPLICAS", "--RANDOMIZE-REPLICA-READ":
            fault(name, "it is not read from a configuration string; leave it out, and see MemcachedConfiguration")
        default:
            MemcachedError(
                .invalidConfiguration,
                "the configuration string holds something that is no option of libmemcached; options look like "
                    + "--SERVER=host:port and are separated by blanks"
            )
        }
    }

    private static func fault(_ name: String, _ reason: String) -> MemcachedError {
        MemcachedError(.invalidConfiguration, "\(name) in the configuration string: \(reason)")
    }
}
