import Logging

/// What the command line and the environment say about a process; the cache's variables are read elsewhere.
struct Options: Hashable, Sendable {
    /// What the page calls the process.
    var name = "web.1"
    /// The address to listen on.
    var host = "127.0.0.1"
    /// The TCP port to listen on.
    var port = 8080
    /// Whether browsers may send the session cookie over TLS only.
    var hasSecureCookie = true
    /// From which level on log lines are printed.
    var logLevel: Logger.Level = .info
    /// How the cache is found.
    var cache: CacheOptions
    /// What makes the application worse on purpose.
    var demonstration = Demonstration()

    static let help = """
        Usage: SessionCounter [--port N] [--name NAME]

          --port N      listen on this port of the loopback interface, 8080 by default
          --name NAME   what the page calls this process; DYNO or web.1 by default

        Environment:
          PORT                    listen on this port of all interfaces, as hosting platforms want it
          MEMCACHIER_SERVERS, MEMCACHIER_USERNAME, MEMCACHIER_PASSWORD, or the same with MEMCACHEDCLOUD_ or
          MEMCACHED_, or MEMCACHED_HOST and MEMCACHED_PORT: the cache
          SESSION_SAVE_PATH       the cache as PHP's session.save_path names it, instead of the variables above,
                                  with SESSION_SASL_USERNAME and SESSION_SASL_PASSWORD
          SESSION_KEY_PREFIX      stands before every key, memc.sess.key. by default
          SESSION_COOKIE_SECURE   0 lets browsers send the cookie without TLS: for the loopback interface
          LOG_LEVEL               trace, debug, info (default), notice, warning, error or critical
          DEMO_LOCKS=off, DEMO_PAUSE_MS=20   for demonstration only: see README.md
        """

    /// Reads the command line and the environment.
    ///
    /// - Parameters:
    ///   - arguments: Without the program's name.
    ///   - environment: Names and values; empty values count as none.
    /// - Throws: ``OptionError`` for what makes no sense. The values of variables are not shown.
    init(arguments: [String], environment: [String: String]) throws(OptionError) {
        let environment = environment.filter { !$0.value.isEmpty }
        cache = try CacheOptions(environment)
        demonstration = try Demonstration(environment)
        if let name = environment["DYNO"] { self.name = name }
        if let text = environment["PORT"] {
            port = try Self.port(text, of: "PORT")
            host = "0.0.0.0"
        }
        if let text = environment["SESSION_COOKIE_SECURE"] {
            hasSecureCookie = try Self.flag(text, of: "SESSION_COOKIE_SECURE")
        }
        if let text = environment["LOG_LEVEL"] {
            guard let level = Logger.Level(rawValue: text) else {
                throw OptionError("LOG_LEVEL is no level of swift-log")
            }
            logLevel = level
        }

        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard ["--port", "--name"].contains(option) else { throw OptionError("there is no option \(option)") }
            guard let value = rest.popFirst(), !value.isEmpty else { throw OptionError("\(option) needs a value") }
            if option == "--name" {
                name = value
            } else {
                port = try Self.port(value, of: option)
                host = "127.0.0.1"
            }
        }
    }

    private static func port(_ text: String, of name: String) throws(OptionError) -> Int {
        guard let port = UInt16(text), port > 0 else { throw OptionError("\(name) has to be a number from 1 to 65535") }
        return Int(port)
    }

    private static func flag(_ text: String, of name: String) throws(OptionError) -> Bool {
        switch text.lowercased() {
        case "0", "false", "no", "off": return false
        case "1", "true", "yes", "on": return true
        default: throw OptionError("\(name) has to be 0 or 1")
        }
    }
}

/// What is wrong with the command line or a variable, in words.
struct OptionError: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
