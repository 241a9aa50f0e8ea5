/// Why an exchange gave no response.
package struct HTTPExchangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Kind: String, Sendable {
        /// No connection came about, so nothing was sent and the request may go elsewhere.
        case notConnected = "no connection"
        /// The time was up after the request had gone out.
        case timeout
        /// The connection ended or broke before the response was complete.
        case broken = "the connection broke"
        /// The response was longer than allowed.
        case tooLarge = "the response is too large"
    }

    package var kind: Kind
    /// Who was asked.
    package var server: HTTPServerAddress
    /// What the system said, if it said something.
    package var reason: String

    package init(_ kind: Kind, _ server: HTTPServerAddress, reason: String = "") {
        self.kind = kind
        self.server = server
        self.reason = reason
    }

    package var description: String {
        reason.isEmpty ? "\(server): \(kind.rawValue)" : "\(server): \(kind.rawValue) (\(reason))"
    }
}
