import Foundation
import HTTPExchange

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One process of an application, "web.3", which can be started again on the same port.
actor WebProcess {
    /// What the process is called.
    nonisolated let name: String
    /// Where it listens; stays the same over a restart.
    nonisolated let address: HTTPServerAddress

    private let program: Program
    private let environment: [String: String]
    private var process: WatchedProcess?
    /// What was printed before a restart.
    private var printedBefore: [String] = []

    /// Starts a process on a free port.
    ///
    /// - Parameters:
    ///   - name: What the process is called, which it is told as `DYNO`.
    ///   - program: What to start.
    ///   - environment: The rest of its environment.
    /// - Returns: The process, which listens.
    /// - Throws: ``DemoError`` with what it printed when it ends instead.
    static func launch(
        _ name: String,
        _ program: Program,
        _ environment: [String: String]
    ) async throws -> WebProcess {
        for _ in 0..<5 {
            let port = try await LoopbackPort.pick()
            let process = WebProcess(name: name, port: port, program: program, environment: environment)
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

    private init(name: String, port: Int, program: Program, environment: [String: String]) {
        self.name = name
        self.address = HTTPServerAddress(port: port)
        self.program = program
        self.environment = environment.merging(program.variables) { $1 }.merging(["DYNO": name]) { $1 }
    }

    /// The process id; nil when it does not run.
    var identifier: Int32? {
        guard let process, process.exit == nil else { return nil }
        return process.identifier
    }

    /// What the process printed last.
    var lastLines: [String] { process?.lastLines ?? [] }

    /// All that the process has printed, also before it was started again.
    var printed: [String] { printedBefore + (process?.printed ?? []) }

    /// Starts the process and waits until it says that it listens.
    func start() async throws {
        guard identifier == nil else { return }
        printedBefore = printed
        let process = try WatchedProcess(
            program.executable,
            program.arguments(address.port),
            environment: environment
        )
        self.process = process
        let readiness = program.readiness
        let isListening = try await withTimeout(.seconds(30), "\(name) did not start within 30 s.") {
            for await line in process.lines where line.contains(readiness) { return true }
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
}
