import Foundation
import MemcachedSessions
import UnixSignals

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One counter page, five processes, one memcached that demands SASL; see `Scripts/demo --help`.
@main
struct Demo {
    static func main() async {
        // A pipe or socket whose other side is gone is an error to handle, not the end of this process.
        signal(SIGPIPE, SIG_IGN)
        let arguments: Arguments
        do throws(DemoError) {
            arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
        } catch {
            Console.problem("\(error) Scripts/demo --help says what there is.")
            exit(EX_USAGE)
        }
        if !arguments.isHosted { ChildEnvironment.forgetCaches() }

        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        // Ended by a signal or by itself; either way this function waits for it.
        let work = Task { await perform(arguments) }
        let listening = Task { await stop(work, on: signals) }
        let status = await work.value
        listening.cancel()
        exit(status)
    }

    /// - Returns: The exit status.
    private static func perform(_ arguments: Arguments) async -> CInt {
        do {
            if arguments.isCheck { return try await Check.run(port: arguments.port) ? 0 : 1 }
            try await Show.run(port: arguments.port, isHosted: arguments.isHosted)
            return 0
        } catch let error as HostedCache.KeysLeft {
            Console.problem("\(error)")
            return 1
        } catch let error as MemcachedSessionError where error.code == .invalidConfiguration {
            Console.problem(error.detail)
            return EX_CONFIG
        } catch {
            // What fails while everything is being stopped fails because of that.
            guard Task.isCancelled else {
                Console.problem("\(error)")
                return 1
            }
            Console.line("Stopped. Nothing was left running.")
            // Being stopped is how a show ends; a check that is stopped has not passed.
            return arguments.isCheck ? 128 + SIGINT : 0
        }
    }

    /// Stops the work on the first Ctrl-C, SIGTERM or hang-up, and everything at once on the second.
    private static func stop(_ work: Task<CInt, Never>, on signals: UnixSignalsSequence) async {
        var isFirst = true
        for await signal in signals {
            // The watchdogs of the child processes kill what this leaves behind.
            guard isFirst else { exit(128 + signal.rawValue) }
            isFirst = false
            Console.line("\nStopping…")
            work.cancel()
        }
    }
}
