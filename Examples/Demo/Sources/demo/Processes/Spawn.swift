import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Starts a program that dies with this process, however this process ends.
enum Spawn {
    /// A started program.
    struct Child {
        var identifier: pid_t
        /// The reading end of a pipe with what the program prints, on standard output and standard error.
        var output: CInt
        /// The writing end of the watchdog's pipe.
        ///
        /// Closing it kills the program; so does the end of this process.
        var lifeline: CInt
    }

    /// Has a shell start a watchdog in the background and then become the program, which keeps the shell's process id.
    ///
    /// The watchdog reads from the lifeline: the end of the file means that this process is gone, and it kills the
    /// program with all of its group, itself included.
    private static let script = """
        ( read -r line <&3 || kill -KILL -$$ ) >/dev/null 2>&1 &
        exec "$@" 3<&-
        """

    /// One at a time: a child that is started while the pipes of another are being made could inherit them.
    private static let gate = Mutex(())

    /// Starts a program with an empty standard input.
    ///
    /// - Parameters:
    ///   - executable: Its path.
    ///   - arguments: Its arguments.
    ///   - environment: All of its environment.
    /// - Returns: The program, whose descriptors are the caller's to close.
    /// - Throws: ``SystemError``. A program that does not exist is no error here: it ends with status 127.
    static func start(_ executable: String, _ arguments: [String], environment: [String: String]) throws -> Child {
        try gate.withLock { _ in try startAlone(executable, arguments, environment) }
    }

    private static func startAlone(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String: String]
    ) throws -> Child {
        let output = try Descriptors.pipe()
        let lifeline: (reading: CInt, writing: CInt)
        do {
            lifeline = try Descriptors.pipe()
        } catch {
            Descriptors.close(output.reading, output.writing)
            throw error
        }
        // The child has copies of these two.
        defer { Descriptors.close(output.writing, lifeline.reading) }

        let vector = ["/bin/sh", "-c", script, "sh", executable] + arguments
        var identifier: pid_t = 0
        let result = spawn(&identifier, vector, environment, output: output.writing, lifeline: lifeline.reading)
        guard result == 0 else {
            Descriptors.close(output.reading, lifeline.writing)
            throw SystemError("starting \(executable)", result)
        }
        return Child(identifier: identifier, output: output.reading, lifeline: lifeline.writing)
    }

    private static func spawn(
        _ identifier: inout pid_t,
        _ vector: [String],
        _ environment: [String: String],
        output: CInt,
        lifeline: CInt
    ) -> CInt {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_adddup2(&actions, lifeline, 3)

        // Signals that we ignore or block would stay so in the child. Its own process group keeps Ctrl-C in a terminal
        // for us, who then end everything in order.
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        var flags = CInt(POSIX_SPAWN_SETSIGDEF) | CInt(POSIX_SPAWN_SETSIGMASK) | CInt(POSIX_SPAWN_SETPGROUP)
        #if canImport(Darwin)
        flags |= CInt(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
        // NIO's sockets would live on in the child.
        for descriptor in Descriptors.open() where descriptor > 3 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        #endif
        posix_spawnattr_setflags(&attributes, numericCast(flags))

        var arguments = vector.map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in arguments + variables { free(pointer) } }
        arguments.append(nil)
        variables.append(nil)
        return posix_spawn(&identifier, vector[0], &actions, &attributes, arguments, variables)
    }
}

/// What the operating system answered to a call that failed.
struct SystemError: Error, CustomStringConvertible {
    let description: String

    init(_ doing: String, _ number: CInt) {
        description = "\(doing) failed: \(String(cString: strerror(number)))"
    }
}
