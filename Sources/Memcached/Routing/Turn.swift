import NIOCore

/// A server that an operation goes to, and how.
struct Turn: Sendable {
    var index: Int
    var endpoint: Endpoint
    var admission: ServerPool.Admission
    /// Until when the server has time.
    var deadline: NIODeadline
    /// Whether that is half of what the operation has, so that there is time for another server.
    var isShortened: Bool

    var pool: ServerPool { endpoint.pool }

    /// Says that the server is not asked after all: a probe's turn is free again.
    func giveBack() {
        if case .probe = admission { pool.health.ended(.none, began: .now(), isProbe: true) }
    }
}
