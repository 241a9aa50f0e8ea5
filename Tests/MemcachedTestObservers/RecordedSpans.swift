import Synchronization
package import Tracing

/// A tracer that keeps its spans, to be looked at by a test.
package final class RecordedSpans: Tracer {
    private let made = Mutex<[RecordedSpan]>([])

    package init() {}

    /// Every span that was started, the oldest first.
    package var all: [RecordedSpan] { made.withLock { $0 } }

    /// A span with a text in it that should not be there, to see that a search finds it.
    package func plant(_ text: String) {
        startSpan("planted", ofKind: .client).attributes["planted"] = text
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> RecordedSpan {
        let span = RecordedSpan(operationName, context: context(), kind: kind)
        made.withLock { $0.append(span) }
        return span
    }

    package func activeSpan(identifiedBy context: ServiceContext) -> RecordedSpan? { nil }
    package func forceFlush() {}
    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {}
    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {}
}

/// One span.
package final class RecordedSpan: Span {
    private struct State {
        var operationName: String
        var attributes = SpanAttributes()
        var status: SpanStatus?
        var notes: [String] = []
        var ends = 0
    }

    package let context: ServiceContext
    package let kind: SpanKind
    private let state: Mutex<State>

    init(_ operationName: String, context: ServiceContext, kind: SpanKind) {
        self.context = context
        self.kind = kind
        self.state = Mutex(State(operationName: operationName))
    }

    package var operationName: String {
        get { state.withLock { $0.operationName } }
        set { state.withLock { $0.operationName = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    package var isRecording: Bool { true }
    package var status: SpanStatus? { state.withLock { $0.status } }
    /// How often it was ended: once is right.
    package var ends: Int { state.withLock { $0.ends } }

    /// All that it says, with the attributes by name.
    package var description: String {
        state.withLock { state in
            var texts: [String] = []
            let note: (String, SpanAttribute) -> Void = { name, value in texts.append("\(name)=\(value)") }
            state.attributes.forEach(note)
            return "\(state.operationName) \(texts.sorted()) \(state.status.map { "\($0)" } ?? "") \(state.notes)"
        }
    }

    /// An attribute as text.
    package subscript(name: String) -> String? {
        switch attributes.get(name) {
        case .string(let text): text
        case .int64(let number): String(number)
        case .int32(let number): String(number)
        default: nil
        }
    }

    package func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }
    package func addEvent(_ event: SpanEvent) { state.withLock { $0.notes.append("\(event)") } }
    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        state.withLock { $0.notes.append("\(error) \(attributes)") }
    }
    package func addLink(_ link: SpanLink) {}
    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        state.withLock { $0.ends += 1 }
    }
}
