import Foundation
import HTTPExchange

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One process of the application, "web.3", which can be started again on the same port.
actor CounterProcess {
    /// What the process is called.
    nonisolated let name: String
    /// Where it listens; stays the same over a restart.
    nonisolated let address: HTTPServerAddress

    private let environment: [String: String]
    private var process: WatchedProcess?

    /// Starts a process on a free port.
    static func launch(_ name: String, _ environment: [String: String]) async throws -> CounterProcess {
        for _ in 0..<5 {
            let process = CounterProcess(name: name, port: try await LoopbackPort.pick(), environment: environment)
            do {
                try await process.start()
                return process
            } catch let error as PortTaken {
                // Somebody was quicker.
                Console.line("  \(error), trying another one")
            } catch {
                await process.stop()
                throw error
            }
        }
        throw DemoError("Each of five ports was taken when \(name) wanted it.")
    }

    private init(name: String, port: Int, environment: [String: String]) {
        self.name = name
        self.address = HTTPServerAddress(port: port)
        self.environment = environment
    }

    /// The process id; nil when it does not run.
    var identifier: Int32? {
        guard let process, process.exit == nil else { return nil }
        return process.identifier
    }

    /// What the process printed last.
    var lastLines: [String] { process?.lastLines ?? [] }

    /// Starts the process and waits until it says that it listens.
    func start() async throws {
        guard identifier == nil else { return }
        let process = try WatchedProcess(
            Self.executable.path,
            ["--name", name, "--port", "\(address.port)"],
            environment: environment
        )
        self.process = process
        let isListening = try await withTimeout(.seconds(30), "\(name) did not start within 30 s.") {
            for await line in process.lines where line.contains("listens on") { return true }
            return false
        }
        try Task.checkCancellation()
        guard isListening else {
            let exit = await process.waitForExit()
            let printed = process.lastLines.map { "\n    \($0)" }.joined()
            guard !printed.contains("ddress already in use") else { throw PortTaken(address: address) }
            throw DemoError("\(name) ended with \(exit) instead of starting. It printed:\(printed)")
        }
    }

    /// Ends the process as a crash would.
    func kill() async {
        process?.send(signal: SIGKILL)
        _ = await process?.waitForExit()
    }

    /// Asks the process to end and waits for it.
    @discardableResult
    func stop() async -> WatchedProcess.Exit? {
        await process?.terminate()
    }

    /// Somebody else listens where the process was to listen.
    private struct PortTaken: Error, CustomStringConvertible {
        let address: HTTPServerAddress
        var description: String { "\(address) was taken" }
    }

    /// `SessionCounter` is built next to this program.
    private static var executable: URL {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments.first ?? "demo")
        return program.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("SessionCounter")
    }
}
