package import CoreMetrics
import Synchronization

/// A metrics backend that keeps everything it was told, to be looked at by a test.
package final class RecordedMetrics: MetricsFactory {
    /// One time series.
    package struct Series: Hashable, Sendable, CustomStringConvertible {
        package var name: String
        package var dimensions: [String: String]

        package var description: String {
            let dimensions = dimensions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return "\(name){\(dimensions.joined(separator: ","))}"
        }
    }

    private let recorded = Mutex<[Series: [Double]]>([:])

    package init() {}

    /// All series with all that was recorded in them: for a counter or meter what was added, for a timer seconds.
    package var all: [Series: [Double]] { recorded.withLock { $0 } }

    /// What was recorded under a name, in the series that have these dimensions among theirs.
    package func values(_ name: String, _ dimensions: [String: String] = [:]) -> [Double] {
        all.filter { series, _ in
            series.name == name && dimensions.allSatisfy { series.dimensions[$0.key] == $0.value }
        }
        .flatMap(\.value)
    }

    /// Their sum.
    package func total(_ name: String, _ dimensions: [String: String] = [:]) -> Double {
        values(name, dimensions).reduce(0, +)
    }

    /// A series with a text in it that should not be there, to see that a search finds it.
    package func plant(_ text: String) {
        note(Series(name: "planted", dimensions: ["planted": text]), 1)
    }

    fileprivate func note(_ series: Series, _ value: Double) {
        recorded.withLock { $0[series, default: []].append(value) }
    }

    private func handler(_ label: String, _ dimensions: [(String, String)]) -> Handler {
        Handler(self, Series(name: label, dimensions: Dictionary(dimensions) { _, last in last }))
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        handler(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        handler(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        handler(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        handler(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class Handler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    let metrics: RecordedMetrics
    let series: RecordedMetrics.Series

    init(_ metrics: RecordedMetrics, _ series: RecordedMetrics.Series) {
        self.metrics = metrics
        self.series = series
    }

    func increment(by amount: Int64) { metrics.note(series, Double(amount)) }
    func increment(by amount: Double) { metrics.note(series, amount) }
    func decrement(by amount: Double) { metrics.note(series, -amount) }
    func set(_ value: Int64) { metrics.note(series, Double(value)) }
    func set(_ value: Double) { metrics.note(series, value) }
    func record(_ value: Int64) { metrics.note(series, Double(value)) }
    func record(_ value: Double) { metrics.note(series, value) }
    func recordNanoseconds(_ duration: Int64) { metrics.note(series, Double(duration) / 1e9) }
    func reset() {}
}
