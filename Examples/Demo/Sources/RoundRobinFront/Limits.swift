/// What the front takes from clients.
package struct Limits: Sendable {
    /// The longest body of a request, in bytes; 64 KiB by default.
    package var requestBytes = 64 << 10
    /// Clients connected at a time; 512 by default.
    package var connections = 512
    /// How long a client may be silent; 60 s by default.
    package var idle: Duration = .seconds(60)

    /// The defaults.
    package init() {}
}
