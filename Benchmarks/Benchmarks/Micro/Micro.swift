import Benchmark

@main
struct Micro: BenchmarkRunnerHooks {
    static func registerBenchmarks() {
        Benchmark.defaultConfiguration = Benchmark.Configuration(
            metrics: [.wallClock, .cpuTotal, .throughput],
            scalingFactor: .kilo,
            maxDuration: .milliseconds(500),
            maxIterations: 100_000
        )
        framing()
        placement()
        sessions()
        sealing()
    }
}
