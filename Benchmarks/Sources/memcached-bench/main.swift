#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Prints a line on standard error and ends the process.
func end(_ line: String, status: Int32) -> Never {
    _ = (line + "\n").withCString { write(2, $0, strlen($0)) }
    exit(status)
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.isEmpty || arguments.contains("--help") || arguments.contains("-h") {
    print(Options.usage)
    exit(arguments.isEmpty ? 64 : 0)
}

let options: Options
do {
    options = try Options(parsing: arguments)
} catch {
    end("memcached-bench: \(error)", status: 64)
}

// The main thread waits in pause(): an asynchronous main ends in dispatch_main, whose sigsuspend valgrind does not survive.
Task.detached {
    do {
        try await Bench(options).run()
    } catch {
        end("memcached-bench: \(error)", status: 1)
    }
    exit(0)
}
while true { pause() }
