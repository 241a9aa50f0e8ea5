import MemcachedWire
import NIOCore
import Tracing

/// One operation on one server, from the moment before it is sent to its answer.
///
/// Neither keys nor values come in here.
struct OperationObservation: Sendable {
    let operation: String
    let observer: ServerObserver
    let span: (any Span)?
    private let began = NIODeadline.now()

    /// What an operation is called: the command, whatever its form on the wire.
    static func name(of opcode: Opcode) -> String {
        switch opcode {
        case .get, .getQuiet, .getKey, .getKeyQuiet: "get"
        case .getAndTouch, .getAndTouchQuiet, .getAndTouchKey, .getAndTouchKeyQuiet: "gat"
        default:
            opcode.description.hasSuffix("Q")
                ? String(opcode.description.dropLast()).lowercased() : opcode.description.lowercased()
        }
    }

    /// Whether the answer to a request is a hit or a miss.
    private static func isLookup(_ opcode: Opcode) -> Bool {
        switch name(of: opcode) {
        case "get", "gat": true
        default: false
        }
    }

    /// A response came.
    func end(_ response: Response, _ pool: ServerPool) {
        if operation == "get" || operation == "gat" {
            switch response.status {
            case .success: observer.metrics?.found(1, missed: 0)
            case .notFound: observer.metrics?.found(0, missed: 1)
            default: break
            }
        }
        finish(Self.errorType(of: response.status), response.status, pool)
    }

    /// There is no response.
    func end(_ error: MemcachedError, _ pool: ServerPool) {
        if error.code == .timeout, error.outcome == .notSent { observer.metrics?.waitedInVain() }
        finish(error.code.description, nil, pool)
    }

    /// Responses came, or what came of them.
    func end(_ group: GroupResponses, _ requests: [Request], _ pool: ServerPool) {
        var found = 0
        var missed = 0
        for (request, response) in zip(requests, group.responses) where Self.isLookup(request.opcode) {
            switch response?.status {
            case .success: found += 1
            case .notFound: missed += 1
            // A quiet request's silence, if the answers behind it came.
            case nil where group.error == nil: missed += 1
            default: break
            }
        }
        observer.metrics?.found(found, missed: missed)
        if let error = group.error { return end(error, pool) }
        let failed = group.responses.lazy.compactMap { $0?.status }.first { Self.errorType(of: $0) != nil }
        finish(failed.flatMap(Self.errorType), failed, pool)
    }

    /// What a status is called where it is an error; a miss, a lost race and the like are none.
    private static func errorType(of status: Status) -> String? {
        switch status {
        case .success, .notFound, .exists, .notStored: nil
        default: Status.named.first { $0.status == status }?.name ?? "status"
        }
    }

    private func finish(_ errorType: String?, _ status: Status?, _ pool: ServerPool) {
        observer.metrics?.ended(operation, errorType: errorType, after: .now() - began)
        if observer.metrics?.isDue(failed: errorType != nil, now: .now()) == true { observer.publish(pool) }
        guard let span else { return }
        if let status, status != .success { span.attributes["db.response.status_code"] = String(status.rawValue) }
        if let errorType {
            span.attributes["error.type"] = errorType
            span.setStatus(SpanStatus(code: .error, message: errorType))
        }
        span.end()
    }
}
