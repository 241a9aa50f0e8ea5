#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nanoseconds of a clock that only goes forwards.
func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// What one repetition takes, of the whole process: wall clock, CPU time and context switches.
struct Meter: Sendable {
    /// Since when.
    let start: UInt64
    private let usage: rusage

    init() {
        usage = Self.usage()
        start = nanoseconds()
    }

    private static func usage() -> rusage {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        return usage
    }

    /// Prints the line of a repetition.
    ///
    /// - Parameters:
    ///   - repetition: Its number.
    ///   - operations: What was done in it.
    ///   - latencies: How long each took, in nanoseconds; empty when that was not looked at.
    func report(_ repetition: Int, operations: Int, latencies: [UInt32] = []) {
        let wall = Double(nanoseconds() - start) / 1e9
        let now = Self.usage()
        func seconds(_ end: timeval, _ start: timeval) -> Double {
            Double(end.tv_sec - start.tv_sec) + Double(end.tv_usec - start.tv_usec) / 1e6
        }
        var line = "{\"rep\":\(repetition),\"ops\":\(operations),\"wall\":\(wall)"
        line += ",\"user\":\(seconds(now.ru_utime, usage.ru_utime)),\"sys\":\(seconds(now.ru_stime, usage.ru_stime))"
        line += ",\"vcsw\":\(now.ru_nvcsw - usage.ru_nvcsw),\"icsw\":\(now.ru_nivcsw - usage.ru_nivcsw)"
        // In KB, on macOS in bytes.
        line += ",\"maxrss\":\(now.ru_maxrss)"
        if let percentiles = Percentiles(latencies) { line += percentiles.json }
        print(line + "}")
        fflush(nil)
    }
}

/// Latencies that half, 99 % and 99.9 % of the operations stay below.
struct Percentiles: Sendable {
    private let sorted: [UInt32]

    /// Nil when there are no latencies, in nanoseconds.
    init?(_ latencies: [UInt32]) {
        guard !latencies.isEmpty else { return nil }
        sorted = latencies.sorted()
    }

    private func microseconds(below share: Double) -> Double {
        Double(sorted[Int(Double(sorted.count - 1) * share)]) / 1e3
    }

    fileprivate var json: String {
        let values = [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)]
        return values.map { ",\"\($0)\":\(microseconds(below: $1))" }.joined()
    }
}
