public import CoreMetrics
public import Tracing

extension MemcachedConfiguration {
    /// Who is told of what the client does, besides the log: swift-metrics and swift-distributed-tracing.
    ///
    /// Both are off unless switched on, and then cost nothing. It is decided once, when the client is made.
    ///
    /// ```swift
    /// configuration.observability.metrics = .bootstrapped
    /// configuration.observability.tracing = .bootstrapped
    /// ```
    public struct Observability: Sendable {
        /// Where metrics go.
        ///
        /// Default ``Metrics/off``.
        public var metrics = Metrics.off
        /// Where spans go.
        ///
        /// Default ``Tracing/off``.
        public var tracing = Tracing.off

        /// Both off.
        public init() {}
    }
}

extension MemcachedConfiguration.Observability {
    private enum Choice: Sendable {
        case off
        case bootstrapped
        case given
    }

    /// Where metrics go.
    public struct Metrics: Sendable {
        private let choice: Choice
        private let given: (any MetricsFactory)?

        /// Nowhere.
        public static let off = Metrics(choice: .off, given: nil)
        /// To the factory that the process has when the client is made: call `MetricsSystem.bootstrap` before.
        public static let bootstrapped = Metrics(choice: .bootstrapped, given: nil)

        /// To this factory.
        public static func factory(_ factory: any MetricsFactory) -> Metrics {
            Metrics(choice: .given, given: factory)
        }

        /// The factory; nil where nobody takes metrics.
        package var factory: (any MetricsFactory)? {
            switch choice {
            case .off: return nil
            case .given: return given
            case .bootstrapped:
                let factory = MetricsSystem.factory
                return factory is NOOPMetricsHandler ? nil : factory
            }
        }
    }

    /// Where spans go.
    public struct Tracing: Sendable {
        private let choice: Choice
        private let given: (any Tracer)?

        /// Nowhere.
        public static let off = Tracing(choice: .off, given: nil)
        /// To the tracer that the process has when the client is made: call `InstrumentationSystem.bootstrap` before.
        public static let bootstrapped = Tracing(choice: .bootstrapped, given: nil)

        /// To this tracer.
        public static func tracer(_ tracer: any Tracer) -> Tracing {
            Tracing(choice: .given, given: tracer)
        }

        /// The tracer; nil where nobody takes spans.
        package var tracer: (any Tracer)? {
            switch choice {
            case .off: return nil
            case .given: return given
            case .bootstrapped:
                let tracer = InstrumentationSystem.tracer
                return tracer is NoOpTracer ? nil : tracer
            }
        }
    }
}
