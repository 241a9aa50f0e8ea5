import Logging
import NIOConcurrencyHelpers

/// Keeps what is logged.
final class RecordedLog: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
    }

    private let recorded = NIOLockedValueBox<[Line]>([])

    var lines: [Line] { recorded.withLockedValue { $0 } }

    /// A logger that takes everything down.
    var logger: Logger { Logger(label: "test", factory: { _ in Handler(log: self) }) }

    /// The messages of one level.
    func messages(at level: Logger.Level) -> [String] {
        lines.filter { $0.level == level }.map(\.message)
    }

    /// Everything, metadata included.
    var text: String {
        lines.map { "\($0.level) \($0.message) \($0.metadata)" }.joined(separator: "\n")
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
            log.recorded.withLockedValue { $0.append(line) }
        }
    }
}
