import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A running program that cannot outlive this process, and whose signals never reach a stranger.
///
/// Signals are sent under the same lock under which the ended process is reaped. So its process id cannot have been
/// given to another process in between.
final class ChildProcess: Sendable {
    /// The process id.
    let identifier: pid_t

    private struct State {
        var exit: ChildExit?
        var waiters: [CheckedContinuation<ChildExit, Never>] = []
    }

    private let state = NIOLockedValueBox(State())
    /// What kills it when this process is gone.
    let watchdog: Watchdog

    /// Starts a program under a watchdog.
    /// - Parameter command: What to run.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The running process.
    static func start(_ command: ChildCommand) throws(MemcachedTestSupportError) -> ChildProcess {
        let watchdog = try Watchdog(for: command)
        do throws(MemcachedTestSupportError) {
            var input = try ClosedOnExecPipe()
            input.finish(writing: command.standardInput)
            var gate = try ClosedOnExecPipe()
            let identifier = try Spawn.start(
                command.argumentVector,
                environment: command.environment,
                standardInput: input.readEnd,
                lifeline: gate.readEnd,
                outputPath: command.outputPath
            )
            let child = ChildProcess(identifier, watchdog)
            child.openGate(gate.takeWriteEnd())
            return child
        } catch {
            watchdog.letGo()
            watchdog.dismiss()
            throw error
        }
    }

    private init(_ identifier: pid_t, _ watchdog: Watchdog) {
        self.identifier = identifier
        self.watchdog = watchdog
    }

    /// How the process ended, nil while it runs.
    var exit: ChildExit? {
        state.withLockedValue { $0.exit }
    }

    /// Sends a signal; does nothing if the process has ended.
    /// - Parameter signal: The number of the signal.
    /// - Returns: Whether the process was still there to receive it.
    @discardableResult
    func send(signal: CInt) -> Bool {
        state.withLockedValue { state in
            guard state.exit == nil else { return false }
            return kill(identifier, signal) == 0
        }
    }

    /// Waits until the process has ended.
    /// - Returns: How it ended.
    func waitForExit() async -> ChildExit {
        await withCheckedContinuation { continuation in
            let exit: ChildExit? = state.withLockedValue { state in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Asks the process to end, kills it if it does not, and waits until it is gone.
    /// - Parameter patience: How long to wait between SIGTERM and SIGKILL.
    /// - Returns: How it ended.
    @discardableResult
    func terminate(patience: TimeAmount = .seconds(5)) async -> ChildExit {
        // A stopped process handles SIGTERM only after it has been continued.
        send(signal: SIGTERM)
        send(signal: SIGCONT)
        let escalation = MultiThreadedEventLoopGroup.singleton.next()
            .scheduleTask(in: patience) {
                self.send(signal: SIGKILL)
            }
        let exit = await waitForExit()
        escalation.cancel()
        return exit
    }

    /// Waits until a SIGSTOP has taken effect in all threads of the process, at most a second.
    /// - Returns: Whether the process is stopped.
    func waitUntilStopped() async -> Bool {
        for _ in 0..<1_000 {
            var information = siginfo_t()
            // WNOWAIT leaves the state in place, so that asking again later gives the same answer.
            let result = waitid(P_PID, id_t(identifier), &information, WSTOPPED | WNOHANG | WNOWAIT)
            if result == 0, information.si_signo == SIGCHLD { return true }
            if exit != nil { return false }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return false
    }

    /// Leaves the child to the watchdog, which then does what it does when this process ends: it kills the program
    /// and removes its directory.
    func abandon() {
        watchdog.letGo()
    }

    /// Lets the program run under its watchdog and waits for its end, on a thread that ends with it.
    /// - Parameter gate: The descriptor on which the program waits for a line.
    private func openGate(_ gate: CInt) {
        Thread.detachNewThread {
            // A pipe whose reader has been killed must not end this process.
            var pipeSignal = sigset_t()
            sigemptyset(&pipeSignal)
            sigaddset(&pipeSignal, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &pipeSignal, nil)
            self.watchdog.watch(self.identifier)
            _ = write(gate, "\n", 1)
            close(gate)
            self.reap()
        }
    }

    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR { continue }
        let (exit, waiters) = state.withLockedValue { state in
            var status: CInt = 0
            while waitpid(identifier, &status, 0) == -1, errno == EINTR { continue }
            let exit = ChildExit(waitStatus: status)
            state.exit = exit
            defer { state.waiters = [] }
            return (exit, state.waiters)
        }
        // The id is free from here on, so the watchdog must not use it any more.
        watchdog.dismiss()
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}
