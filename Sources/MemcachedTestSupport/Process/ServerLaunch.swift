import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The steps from options to a memcached that answers.
struct ServerLaunch {
    /// The file in the private directory that takes what the server prints.
    static let logName = "memcached.log"

    private let options: MemcachedProcess.Options
    private let executable: String

    /// Finds the program.
    /// - Parameter options: What kind of server.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/memcachedMissing``.
    init(_ options: MemcachedProcess.Options) throws(MemcachedTestSupportError) {
        guard let executable = ExecutableSearch.find(options.executable) else {
            throw MemcachedTestSupportError(
                .memcachedMissing,
                """
                The program \(options.executable) was not found. Install memcached: "apt-get install memcached" \
                (Debian, Ubuntu), "dnf install memcached" (Fedora), "apk add memcached" (Alpine), \
                "brew install memcached" (macOS; without SASL).
                """
            )
        }
        self.options = options
        self.executable = executable
    }

    /// Where a server listens.
    struct Place {
        var address: TestServerAddress
        var plainAddress: TestServerAddress
        /// To be kept for as long as the server may be started again.
        var ports: [FreePort] = []
    }

    /// Starts the server at an address that is free, with another one if somebody is quicker.
    func startOnFreeAddress(in directory: PrivateDirectory) async throws -> (MemcachedProcess.Running, Place) {
        if options.unixSocket {
            let address = TestServerAddress.unixSocket(path: directory.file("s"))
            let running = try await start(at: address, plainAddress: address, in: directory)
            return (running, Place(address: address, plainAddress: address))
        }
        for _ in 0..<20 {
            let port = try FreePort.pick(host: options.host)
            let plainPort = options.tls == nil ? port : try FreePort.pick(host: options.host)
            let place = Place(
                address: .tcp(host: options.host, port: port.number),
                plainAddress: .tcp(host: options.host, port: plainPort.number),
                ports: [port, plainPort]
            )
            do {
                let running = try await start(at: place.address, plainAddress: place.plainAddress, in: directory)
                return (running, place)
            } catch let error as MemcachedTestSupportError where error.code == .noFreePort {
                continue
            }
        }
        throw MemcachedTestSupportError(.noFreePort, "Each of 20 ports was taken when memcached wanted it.")
    }

    /// Starts the server at one address.
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - plainAddress: Where to listen without TLS.
    ///   - directory: The server's private directory.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/noFreePort`` if the address is taken, others if
    ///   the server does not start; `CancellationError`.
    /// - Returns: The server, which has answered.
    func start(
        at address: TestServerAddress,
        plainAddress: TestServerAddress,
        in directory: PrivateDirectory
    ) async throws -> MemcachedProcess.Running {
        if let path = address.path { unlink(path) }
        try directory.write(Self.logName, "")
        let child = try ChildProcess.start(command(address, plainAddress, directory))
        do {
            let control = try await waitUntilReady(child, at: plainAddress, directory)
            return MemcachedProcess.Running(child: child, control: control)
        } catch {
            child.send(signal: SIGKILL)
            _ = await child.waitForExit()
            throw error
        }
    }

    /// What to run.
    func command(
        _ address: TestServerAddress,
        _ plainAddress: TestServerAddress,
        _ directory: PrivateDirectory
    ) -> ChildCommand {
        var arguments: [String] = []
        switch (address, options.tls) {
        case (.unixSocket(let path), _): arguments += ["-s", path]
        case (.tcp(let host, let port), nil): arguments += ["-l", host, "-p", String(port)]
        case (.tcp(_, let port), let tls?):
            arguments += ["-p", String(port), "-l", "\(address),notls:\(plainAddress)"]
            arguments += ["-Z", "-o", tls.extendedOption]
        }
        if geteuid() == 0 { arguments += ["-u", "root"] }
        if options.sasl != nil { arguments.append("-S") }
        arguments += options.arguments

        var environment = ProcessInfo.processInfo.environment
        if options.sasl != nil { environment["SASL_CONF_PATH"] = directory.file(SASLFiles.configurationDirectory) }
        environment.merge(options.environment) { _, new in new }
        return ChildCommand(
            executable: executable,
            arguments: arguments,
            environment: environment,
            outputPath: directory.file(Self.logName),
            directoryToRemove: directory.path
        )
    }

    /// Asks the server until it answers, and makes sure that it is this one and not another on the same port.
    private func waitUntilReady(
        _ child: ChildProcess,
        at address: TestServerAddress,
        _ directory: PrivateDirectory
    ) async throws -> ControlConnection {
        let clock = ContinuousClock()
        let deadline = clock.now + options.startTimeout
        while true {
            if let exit = child.exit { throw failure(exit, directory) }
            if let control = try await ControlConnection.open(to: address, user: options.sasl?.users.first) {
                if control.serverProcess == child.identifier { return control }
                await control.close()
                throw MemcachedTestSupportError(.noFreePort, "Another server answers at \(address).")
            }
            guard clock.now < deadline else {
                let text = "memcached did not answer within \(options.startTimeout). It printed: "
                throw MemcachedTestSupportError(.serverDidNotStart, text + directory.read(Self.logName))
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Tells from what memcached printed why it ended.
    private func failure(_ exit: ChildExit, _ directory: PrivateDirectory) -> MemcachedTestSupportError {
        let output = directory.read(Self.logName)
        let text = "memcached ended with \(exit). It printed: \(output)"
        if output.contains("not built with SASL") {
            return MemcachedTestSupportError(
                .saslUnsupported,
                "This memcached was built without SASL (Homebrew's is); Debian's and Ubuntu's package has it. \(text)"
            )
        }
        if output.contains("not built with TLS") {
            return MemcachedTestSupportError(.tlsUnsupported, "This memcached was built without TLS. \(text)")
        }
        if output.contains("Address already in use") || output.contains("failed to listen") {
            return MemcachedTestSupportError(.noFreePort, text)
        }
        return MemcachedTestSupportError(.serverDidNotStart, text)
    }
}
