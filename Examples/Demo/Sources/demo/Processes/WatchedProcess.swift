import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A running program that cannot outlive this process, and whose signals never reach a stranger.
///
/// One thread reads what it prints and, at the end, waits for its exit, for which another waits too. Signals are sent under the lock under which the
/// ended program is reaped, so its process id cannot have been given to another one in between. What it has started and
/// left in its process group is killed when it ends.
final class WatchedProcess: Sendable {
    /// How a program ended.
    enum Exit: Hashable, Sendable, CustomStringConvertible {
        case exited(status: CInt)
        case signalled(CInt)

        /// Decodes the status word of `waitpid`: the low seven bits are the signal, the next byte is the status.
        init(waitStatus: CInt) {
            let signal = waitStatus & 0x7f
            self = signal == 0 ? .exited(status: (waitStatus >> 8) & 0xff) : .signalled(signal)
        }

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "signal \(signal)"
            }
        }
    }

    private struct State {
        var exit: Exit?
        var waiters: [CheckedContinuation<Exit, Never>] = []
        /// Nil once it has been closed.
        var lifeline: CInt?
        var printed: [String] = []
    }

    /// How many lines of output are kept.
    private static let keptLines = 100_000

    /// The process id.
    let identifier: pid_t
    /// What the program prints, line by line, up to the first 64 lines that nobody has read.
    let lines: AsyncStream<String>

    private let state: Mutex<State>

    /// Starts a program.
    init(_ executable: String, _ arguments: [String], environment: [String: String]) throws {
        let child = try Spawn.start(executable, arguments, environment: environment)
        identifier = child.identifier
        state = Mutex(State(lifeline: child.lifeline))
        let (lines, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(64))
        self.lines = lines
        // Both threads end when the program has.
        Thread.detachNewThread {
            self.readLines(from: child.output, into: continuation)
            self.reap()
        }
        // What the program has started may hold on to its output and outlive it.
        Thread.detachNewThread {
            self.awaitEnd()
            self.killGroup()
        }
    }

    /// How the program ended; nil while it runs.
    var exit: Exit? { state.withLock { $0.exit } }

    /// What the program has printed, as far as that is kept.
    var printed: [String] { state.withLock { $0.printed } }

    /// The last lines that the program printed.
    var lastLines: [String] { state.withLock { Array($0.printed.suffix(20)) } }

    /// Sends a signal; does nothing when the program has ended.
    func send(signal: CInt) {
        state.withLock { state in
            if state.exit == nil { kill(identifier, signal) }
        }
    }

    /// Waits until the program has ended.
    func waitForExit() async -> Exit {
        await withCheckedContinuation { continuation in
            let exit: Exit? = state.withLock { state in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Asks the program to end, and kills it when it takes longer than that.
    @discardableResult
    func terminate(patience: Duration = .seconds(8)) async -> Exit {
        send(signal: SIGTERM)
        // Ends with the sleep, which is cancelled as soon as the program has ended. A task of its own, because it has
        // to do its work also when the caller has been cancelled.
        let escalation = Task {
            try await Task.sleep(for: patience)
            self.send(signal: SIGKILL)
        }
        let exit = await waitForExit()
        escalation.cancel()
        return exit
    }

    private func readLines(from descriptor: CInt, into continuation: AsyncStream<String>.Continuation) {
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            pending += chunk.prefix(count)
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                state.withLock { state in
                    if state.printed.count >= Self.keptLines { state.printed.removeFirst(Self.keptLines / 2) }
                    state.printed.append(line)
                }
                continuation.yield(line)
            }
            // Nobody prints lines like that; what does is not worth its memory.
            if pending.count > 1 << 20 { pending = [] }
        }
        Descriptors.close(descriptor)
        continuation.finish()
    }

    /// Waits until the program has ended, and leaves it to be reaped.
    private func awaitEnd() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR { continue }
    }

    /// Kills what the ended program has started and left, and the watchdog.
    ///
    /// Until it is reaped, the program holds the group's number.
    private func killGroup() {
        state.withLock { state in
            if state.exit == nil { kill(-identifier, SIGKILL) }
        }
    }

    private func reap() {
        awaitEnd()
        killGroup()
        let (exit, waiters, lifeline) = state.withLock { state in
            var status: CInt = 0
            while waitpid(identifier, &status, 0) == -1, errno == EINTR { continue }
            let exit = Exit(waitStatus: status)
            state.exit = exit
            defer {
                state.waiters = []
                state.lifeline = nil
            }
            return (exit, state.waiters, state.lifeline)
        }
        // Nobody is left who would read the end of this file as a sign to kill.
        if let lifeline { Descriptors.close(lifeline) }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}
