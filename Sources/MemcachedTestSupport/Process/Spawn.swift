import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thin layer over `posix_spawn`.
///
/// The child gets descriptors 0 to 3 and nothing else. That matters here more than elsewhere: NIO's sockets are not
/// closed on exec, and a server that inherited the client's socket would keep that connection open after the client
/// has closed it. Signals are reset to their defaults, because a test process may ignore some and ignored signals
/// stay ignored across exec, and the child leads its own process group, so Ctrl-C in a terminal reaches it only
/// through the watchdog.
enum Spawn {
    /// Starts a program.
    /// - Parameters:
    ///   - vector: The path of the program and its arguments.
    ///   - environment: All of its environment.
    ///   - standardInput: The descriptor that becomes its descriptor 0.
    ///   - lifeline: The descriptor that becomes its descriptor 3.
    ///   - outputPath: The file to append descriptors 1 and 2 to.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The process id.
    static func start(
        _ vector: [String],
        environment: [String: String],
        standardInput: CInt,
        lifeline: CInt,
        outputPath: String
    ) throws(MemcachedTestSupportError) -> pid_t {
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

        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_adddup2(&actions, lifeline, 3)
        #if !canImport(Darwin)
        closeEverything(from: 4, &actions)
        #endif

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
        #endif
        posix_spawnattr_setflags(&attributes, numericCast(flags))

        var arguments = vector.map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in arguments + variables { free(pointer) } }
        arguments.append(nil)
        variables.append(nil)
        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, vector.first ?? "", &actions, &attributes, arguments, variables)
        guard result == 0 else { throw .system("posix_spawn of \(vector.first ?? "")", result) }
        return identifier
    }

    #if !canImport(Darwin)
    private typealias AddCloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt

    /// Has the child close what it inherits beyond its own descriptors.
    ///
    /// glibc has a call for that since 2.34, looked up at run time so that older ones and musl still link; there the
    /// descriptors that are open at this moment are closed one by one.
    private static func closeEverything(from first: CInt, _ actions: inout posix_spawn_file_actions_t) {
        if let symbol = dlsym(dlopen(nil, RTLD_NOW), "posix_spawn_file_actions_addclosefrom_np") {
            // The symbol is glibc's `int (posix_spawn_file_actions_t *, int)`; see its <spawn.h>.
            let addCloseFrom = unsafeBitCast(symbol, to: AddCloseFrom.self)
            if addCloseFrom(&actions, first) == 0 { return }
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ CInt($0) }) where descriptor >= first {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }
    #endif
}
