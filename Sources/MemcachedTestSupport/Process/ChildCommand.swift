/// What to run as a child process, and with what around it.
struct ChildCommand: Sendable {
    /// The path of the program.
    var executable: String
    /// Its arguments, without the name of the program.
    var arguments: [String] = []
    /// All of its environment.
    var environment: [String: String] = [:]
    /// What it can read from its standard input, at most 4096 bytes so that a pipe takes them at once.
    var standardInput: [UInt8] = []
    /// The file to which its standard output and standard error are appended.
    var outputPath: String = "/dev/null"
    /// A directory that the watchdog removes if this process ends without having stopped the child.
    var directoryToRemove: String?

    /// A shell that waits for a line on descriptor 3 and then becomes the program; at end of file it gives up.
    ///
    /// So the program starts only when its watchdog knows its process id, and there is no moment in which it runs
    /// unwatched.
    var argumentVector: [String] {
        ["/bin/sh", "-c", #"read -r go <&3 && exec "$@" 3<&-; exit 126"#, "sh", executable] + arguments
    }

    /// A shell that kills the program when this process is gone.
    ///
    /// Its descriptor 3 is the reading end of a pipe whose writing end exists in this process only. The first line is
    /// the process id to watch. A second line says that the program has ended and been reaped; end of file says that
    /// this process is gone, however it went.
    var watchdogArgumentVector: [String] {
        let script = """
            read -r pid <&3 || exit 0
            read -r line <&3 && exit 0
            kill -KILL "$pid"
            test -z "$0" || rm -rf -- "$0"
            """
        return ["/bin/sh", "-c", script, directoryToRemove ?? ""]
    }
}
