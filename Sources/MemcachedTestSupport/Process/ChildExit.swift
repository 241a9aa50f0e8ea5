/// How a child process ended.
enum ChildExit: Hashable, Sendable, CustomStringConvertible {
    /// It ended by itself with this status.
    case exited(status: CInt)
    /// A signal ended it.
    case signalled(CInt)

    /// Decodes the status word of `waitpid`.
    ///
    /// The layout (low seven bits: signal, 0 for an ordinary exit; next byte: exit status) is the one behind the
    /// macros `WIFEXITED`, `WEXITSTATUS` and `WTERMSIG` on Linux and macOS, which Swift does not import.
    /// - Parameter waitStatus: The word that `waitpid` filled in for a process that has ended.
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
