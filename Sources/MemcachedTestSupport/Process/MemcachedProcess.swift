import Foundation
import NIOConcurrencyHelpers
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A real memcached of its own for one test: on a free port of the loopback interface or on a unix socket, plain,
/// with SASL or with TLS, with any flags.
///
/// ```swift
/// try await withMemcached(.init(arguments: ["-C"])) { server in
///     let connection = try await RawConnection.connect(to: server.address)
///     …
/// }
/// ```
///
/// The process ends when ``stop()`` is called, when the last reference is dropped and when the test process ends in
/// whatever way, also by SIGKILL. Its files are in a private temporary directory that goes with it.
///
/// The calls that start and end the process are meant to be made one after another; two of them at the same time are
/// memory-safe but one of them may throw.
public final class MemcachedProcess: Sendable {
    /// How this server was started.
    public let options: Options

    /// Where it listens; stays the same over ``restart()``.
    public let address: TestServerAddress

    /// Where it can be spoken to without TLS: the same as ``address`` unless the server demands TLS.
    public let plainAddress: TestServerAddress

    struct Running {
        var child: ChildProcess
        /// Asks for readiness and for statistics, so that all of that is one connection in the server's counts.
        var control: ControlConnection
    }

    struct State {
        var running: Running?
        var directory: PrivateDirectory?
    }

    let state: NIOLockedValueBox<State>

    /// What the launcher itself added to the counts of the first process, which nobody else could know of then.
    private let ownCounts: ControlConnection.Baseline

    /// Nobody else's while this instance lives, running or not.
    private let ports: [FreePort]

    /// Starts a server and waits until it answers.
    /// - Parameter options: What kind of server.
    /// - Throws: ``MemcachedTestSupportError``; its text says what to install when a program is missing, and what
    ///   memcached printed when it did not start. `CancellationError` if the task is cancelled.
    /// - Returns: The running server.
    public static func start(_ options: Options = Options()) async throws -> MemcachedProcess {
        let launch = try ServerLaunch(options)
        let directory = try PrivateDirectory()
        do {
            if let sasl = options.sasl { try await SASLFiles.write(sasl, into: directory) }
            let (running, place) = try await launch.startOnFreeAddress(in: directory)
            return MemcachedProcess(options, place, running, directory)
        } catch {
            directory.remove()
            throw error
        }
    }

    private init(
        _ options: Options,
        _ place: ServerLaunch.Place,
        _ running: Running,
        _ directory: PrivateDirectory
    ) {
        self.options = options
        self.address = place.address
        self.plainAddress = place.plainAddress
        self.ports = place.ports
        self.ownCounts = running.control.baseline
        self.state = NIOLockedValueBox(State(running: running, directory: directory))
    }

    deinit {
        let (running, directory) = state.withLockedValue { ($0.running, $0.directory) }
        running?.child.abandon()
        directory?.remove()
    }

    /// The process id; nil when the process has been stopped, killed or has ended by itself.
    public var processIdentifier: Int32? {
        state.withLockedValue { state in
            guard let child = state.running?.child, child.exit == nil else { return nil }
            return child.identifier
        }
    }

    /// Whether the process is there; a suspended one is.
    public var isRunning: Bool {
        processIdentifier != nil
    }

    /// What memcached has printed so far, mostly of use together with the argument `-v` or `-vv`.
    public var output: String {
        state.withLockedValue { $0.directory }?.read(ServerLaunch.logName) ?? ""
    }

    /// Ends the process with SIGTERM, after five seconds with SIGKILL, waits until it is gone and removes its files.
    ///
    /// Does nothing if it is gone already. ``restart()`` can start it again.
    public func stop() async {
        let (running, directory) = state.withLockedValue { state in
            defer { state = State() }
            return (state.running, state.directory)
        }
        await running?.child.terminate()
        await running?.control.close()
        directory?.remove()
    }

    /// Ends the process with SIGKILL, as a crash would, and waits until it is gone.
    ///
    /// Does nothing if it is gone already. ``restart()`` can start it again.
    public func kill() async {
        let running = state.withLockedValue { state in
            defer { state.running = nil }
            return state.running
        }
        running?.child.send(signal: SIGKILL)
        _ = await running?.child.waitForExit()
        await running?.control.close()
    }

    /// Stops the process from running, so that it answers nothing while the kernel still accepts connections and
    /// bytes for it (SIGSTOP), and waits until that has taken effect.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/notRunning``.
    public func suspend() async throws(MemcachedTestSupportError) {
        let child = try child()
        guard child.send(signal: SIGSTOP), await child.waitUntilStopped() else { throw Self.notRunning }
    }

    /// Lets a suspended process run again (SIGCONT); does nothing to one that runs.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/notRunning``.
    public func resume() throws(MemcachedTestSupportError) {
        guard try child().send(signal: SIGCONT) else { throw Self.notRunning }
    }

    /// Ends the process, if it runs, as ``kill()`` does and starts it again, empty, with the same options at the same
    /// address.
    /// - Throws: What ``start(_:)`` throws, also when somebody else took the port in the meantime.
    public func restart() async throws {
        await kill()
        let launch = try ServerLaunch(options)
        let directory: PrivateDirectory
        if let existing = state.withLockedValue({ $0.directory }) {
            directory = existing
        } else {
            directory = try PrivateDirectory()
            state.withLockedValue { $0.directory = directory }
            if let sasl = options.sasl { try await SASLFiles.write(sasl, into: directory) }
        }
        var running = try await launch.start(at: address, plainAddress: plainAddress, in: directory)
        running.control = running.control.counting(from: ownCounts)
        state.withLockedValue { [running] in $0.running = running }
    }

    static let notRunning = MemcachedTestSupportError(.notRunning, "The memcached of this test is not running.")

    private func child() throws(MemcachedTestSupportError) -> ChildProcess {
        guard let child = state.withLockedValue({ $0.running?.child }) else { throw Self.notRunning }
        return child
    }
}
