import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The run of a fuzzer: libFuzzer calls, this counts.
package enum FuzzRun {
    private static let accepted = Atomic<Int>(0)
    private static let executed = Atomic<Int>(0)

    /// What is fuzzed; the environment says so, because the arguments are libFuzzer's.
    private static let target = getenv("FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

    /// Checks one input of libFuzzer's.
    ///
    /// - Parameters:
    ///   - start: The input, which is libFuzzer's; nil when it is empty.
    ///   - count: Its length.
    /// - Returns: 0, as libFuzzer wants it.
    package static func one(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        guard let target else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            print("FUZZ_TARGET has to name one of \(names)")
            fflush(nil)
            exit(64)
        }
        if executed.add(1, ordering: .relaxed).oldValue == 0 { atexit { FuzzRun.summarise() } }
        switch target.check(Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))) {
        case .accepted: accepted.add(1, ordering: .relaxed)
        case .refused: break
        // libFuzzer keeps an input on which the process dies, which is what is wanted of one that breaks a promise.
        case .broken(let promise):
            print("broken: \(promise)")
            fflush(nil)
            fatalError(promise)
        }
        return 0
    }

    /// The line that `Scripts/fuzz` looks for.
    private static func summarise() {
        print("executions \(executed.load(ordering: .relaxed)) accepted \(accepted.load(ordering: .relaxed))")
        fflush(nil)
    }
}
