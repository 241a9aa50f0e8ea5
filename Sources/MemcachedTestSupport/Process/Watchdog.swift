import NIOConcurrencyHelpers

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A small shell that kills a program when this process is gone.
///
/// It is a child of this process like the program, so both are reaped here and leave no zombie behind where the first
/// process of a container reaps none. See ``ChildCommand/watchdogArgumentVector`` for what it does. Whoever calls
/// ``watch(_:)`` and ``dismiss()`` has SIGPIPE blocked, in case somebody has killed the watchdog.
final class Watchdog: Sendable {
    /// The process id of the shell.
    let identifier: pid_t
    /// The only writing end of the pipe that the watchdog reads; nil once it has been closed.
    private let lifeline: NIOLockedValueBox<CInt?>

    /// Starts a watchdog that has nothing to watch yet.
    /// - Parameter command: What it is going to watch.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    init(for command: ChildCommand) throws(MemcachedTestSupportError) {
        var input = try ClosedOnExecPipe()
        input.finish(writing: [])
        var pipe = try ClosedOnExecPipe()
        identifier = try Spawn.start(
            command.watchdogArgumentVector,
            environment: command.environment,
            standardInput: input.readEnd,
            lifeline: pipe.readEnd,
            outputPath: "/dev/null"
        )
        lifeline = NIOLockedValueBox(pipe.takeWriteEnd())
    }

    /// Tells the watchdog whom to kill.
    func watch(_ program: pid_t) {
        say("\(program)\n")
    }

    /// Sends the watchdog away, because the program has ended, and reaps it.
    func dismiss() {
        say("\n")
        letGo()
        var status: CInt = 0
        while waitpid(identifier, &status, 0) == -1, errno == EINTR { continue }
    }

    /// Has the watchdog do what it does when this process ends; somebody still has to call ``dismiss()``.
    func letGo() {
        let descriptor = lifeline.withLockedValue { lifeline in
            defer { lifeline = nil }
            return lifeline
        }
        if let descriptor { close(descriptor) }
    }

    private func say(_ line: String) {
        lifeline.withLockedValue { lifeline in
            guard let lifeline else { return }
            _ = line.utf8CString.withUnsafeBytes { write(lifeline, $0.baseAddress, $0.count - 1) }
        }
    }
}
