/// What happened on connections since they were made, added up.
package struct ConnectionCounters: Hashable, Sendable {
    /// Requests given up by timeout or cancellation after they were encoded.
    package var tombstones = 0
    /// Requests that ran out of time after they were encoded.
    package var timeouts = 0
    /// Responses to such requests that came later and were dropped.
    package var lateResponsesDropped = 0
    /// Connections closed because a response did not fit what was asked.
    package var poisoned = 0
    /// Connections made, authentication included.
    package var connections = 0
    /// Attempts to connect that failed.
    package var failedConnections = 0

    package init() {}

    package static func += (left: inout ConnectionCounters, right: ConnectionCounters) {
        left.tombstones += right.tombstones
        left.timeouts += right.timeouts
        left.lateResponsesDropped += right.lateResponsesDropped
        left.poisoned += right.poisoned
        left.connections += right.connections
        left.failedConnections += right.failedConnections
    }
}
