import Crypto
import MemcachedWire
import NIOCore
import Tracing

/// Tells metrics and spans what happens at one server; there is none where nobody wants to know.
final class ServerObserver: Sendable {
    let metrics: ServerMetrics?
    let tracer: (any Tracer)?
    /// What every metric and span says of the server, by OpenTelemetry's names for databases.
    let attributes: [(String, String)]
    private let label: String

    init?(server: MemcachedServer, configuration: MemcachedConfiguration, maximumConnections: Int) {
        let factory = configuration.observability.metrics.factory
        self.tracer = configuration.observability.tracing.tracer
        guard factory != nil || tracer != nil else { return nil }
        var attributes = [("db.system.name", "memcached")]
        switch server.address {
        case .tcp(_, let port):
            // The label's host, which holds no credentials.
            attributes.append(("server.address", String(server.label.dropLast(String(port).count + 1))))
            attributes.append(("server.port", String(port)))
        case .unix(let path):
            attributes.append(("server.address", path))
        }
        self.attributes = attributes
        self.label = server.label
        self.metrics = factory.map {
            ServerMetrics(
                $0,
                attributes,
                pool: configuration.poolName ?? server.label,
                maximumConnections: maximumConnections
            )
        }
    }

    /// A request is about to be sent.
    func begin(_ request: Request) -> OperationObservation {
        begin(OperationObservation.name(of: request.opcode), count: 1, key: request.key)
    }

    /// Several requests are about to be sent in one flight.
    func begin(_ requests: [Request]) -> OperationObservation {
        let names = Set(requests.map { OperationObservation.name(of: $0.opcode) })
        let only = names.count == 1 ? names.first : nil
        guard requests.count != 1 else { return begin(only ?? "", count: 1, key: requests.first?.key) }
        return begin(only.map { "BATCH \($0)" } ?? "BATCH", count: requests.count, key: nil)
    }

    private func begin(_ operation: String, count: Int, key: MemcachedKey?) -> OperationObservation {
        let span: (any Span)? = tracer.map { $0.startSpan("\(operation) \(label)", ofKind: .client) }
        if let span, span.isRecording {
            for (name, value) in attributes { span.attributes[name] = value }
            span.attributes["db.operation.name"] = operation
            if count > 1 { span.attributes["db.operation.batch.size"] = count }
            if let key { span.attributes["memcached.key.hash"] = Self.hash(key) }
        }
        return OperationObservation(operation: operation, observer: self, span: span)
    }

    /// The first 16 hexadecimal digits of a key's SHA-256: the same key can be followed, and not be read.
    private static func hash(_ key: MemcachedKey) -> String {
        let digest = key.withUnsafeBytes { SHA256.hash(data: $0) }
        let digits = Array("0123456789abcdef")
        return String(digest.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Tells what has been counted since the last time.
    func publish(_ pool: ServerPool) {
        metrics?
            .publish {
                pool.currentCounters
            } connections: {
                pool.connectionCount
            }
    }
}
