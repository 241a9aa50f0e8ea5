public import ArgumentParser
import Foundation
public import Memcached
import MemcachedHashing

/// Which cache, and how to reach it.
///
/// No option takes a password: arguments can be seen by every user of the machine.
struct ConnectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The servers, as host:port,[v6]:port:weight,/socket, or libmemcached's --SERVER=host:port ….",
            discussion: "Without it they come from MEMCACHIER_…, MEMCACHEDCLOUD_… or MEMCACHED_… in the environment."
        )
    )
    var servers: String?

    @Option(help: "The family of variables to read, where the environment has more than one.")
    var family: MemcachedConfiguration.EnvironmentFamily?

    @Option(help: "The user name, with --servers; the password is read from MEMC_PASSWORD in the environment.")
    var username: String?

    @Option(help: "Settings for the kind of cache: hosted for one behind proxies, as MemCachier's.")
    var profile = MemcachedConfiguration.Profile.standard

    @Option(help: "What stands in front of every key.")
    var namespace: String?

    @Option(help: "The client whose placement of keys to follow (default: that of this package).")
    var selection: SelectionName?

    @Option(help: "How long an operation may take, in seconds (default: 1).")
    var timeout: Seconds?

    @Option(help: "How long one attempt to connect may take, in seconds (default: 2).")
    var connectTimeout: Seconds?

    @OptionGroup(title: "TLS")
    var tls: TLSOptions

    func validate() throws {
        guard servers == nil || family == nil else {
            throw ValidationError("--family is for servers in the environment, and --servers takes none from there.")
        }
        guard servers != nil || username == nil else {
            throw ValidationError("--username belongs to --servers; the environment brings its own.")
        }
    }

    /// The configuration of the client.
    func configuration(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> MemcachedConfiguration {
        var configuration = try cache(environment)
        configuration.apply(profile)
        if let namespace { configuration.namespace = namespace }
        if let selection { configuration.selection = selection.selection }
        if let timeout { configuration.timeouts.operation = timeout.duration }
        if let connectTimeout { configuration.timeouts.connect = connectTimeout.duration }
        configuration.tls = tls.tls(environment)
        do throws(MemcachedError) {
            try configuration.validate()
        } catch {
            throw Failure(servers == nil ? .configuration : .usage, error.detail)
        }
        return configuration
    }

    private func cache(_ environment: [String: String]) throws -> MemcachedConfiguration {
        guard let servers else {
            do throws(MemcachedError) {
                return try .fromEnvironment(environment, family: family)
            } catch {
                throw Failure(.configuration, "\(error.detail); or name servers with --servers")
            }
        }
        var configuration: MemcachedConfiguration
        do throws(MemcachedError) {
            configuration = try MemcachedConfiguration(servers: servers)
        } catch {
            throw Failure(.usage, "--servers: \(error.detail)")
        }
        if let username {
            guard let password = environment["MEMC_PASSWORD"], !password.isEmpty else {
                throw Failure(.usage, "--username needs a password in the environment variable MEMC_PASSWORD")
            }
            configuration.credentials = MemcachedCredentials(username: username, password: password)
        }
        return configuration
    }
}

extension MemcachedConfiguration.EnvironmentFamily: ExpressibleByArgument {}
extension MemcachedConfiguration.Profile: ExpressibleByArgument {}

/// The presets of server selection by the names that `--selection` takes.
enum SelectionName: String, CaseIterable, ExpressibleByArgument {
    case `default`
    case libmemcached
    case php
    case phpLibketama = "php-libketama"
    case phpSession = "php-session"
    case pylibmc
    case spymemcached

    var selection: ServerSelection {
        switch self {
        case .default: .default
        case .libmemcached: .libmemcached()
        case .php: .phpMemcached()
        case .phpLibketama: .phpMemcached(.libketamaCompatible)
        case .phpSession: .phpSession
        case .pylibmc: .pylibmc
        case .spymemcached: .spymemcached
        }
    }
}
