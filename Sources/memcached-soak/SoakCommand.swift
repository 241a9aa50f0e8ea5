import MemcachedSoak

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The long run: random operations and faults for as long as is asked for.
@main
struct SoakCommand {
    private static let usage = """
        Usage: memcached-soak --minutes N [--seed S]

          --minutes N   how long, in minutes; a fraction such as 0.5 is fine
          --seed S      the seed of an earlier run, to take its decisions again
        """

    static func main() async {
        var minutes: Double?
        var seed = UInt64.random(in: 0 ... .max)
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--minutes":
                guard let number = arguments.popFirst().flatMap(Double.init), number > 0, number < 1e6 else {
                    fail("--minutes needs a number above 0")
                }
                minutes = number
            case "--seed":
                guard let number = arguments.popFirst().flatMap({ UInt64($0) }) else { fail("--seed needs a number") }
                seed = number
            case "--help", "-h":
                print(usage)
                return
            default:
                fail("no such option: \(argument)")
            }
        }
        guard let minutes else { fail("how long? \n\n\(usage)") }
        let duration = Duration.seconds(minutes * 60)
        show("seed \(seed)")
        do {
            let settings = SoakSettings(seed: seed, duration: duration, longest: duration)
            let report = try await SoakRun(settings).run { show($0.progress) }
            show("\n\(report)")
            guard report.wrongAnswers == 0 else {
                fail("\(report.wrongAnswers) wrong; again with: Scripts/soak --minutes \(minutes) --seed \(seed)")
            }
        } catch {
            fail("the run could not be carried out: \(error)")
        }
    }

    /// Prints a line at once, also where standard output is a file.
    private static func show(_ line: String) {
        print(line)
        fflush(nil)
    }

    private static func fail(_ text: String) -> Never {
        show("error: \(text)")
        exit(1)
    }
}
