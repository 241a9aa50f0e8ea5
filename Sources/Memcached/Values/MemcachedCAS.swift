/// The version of an item on its server: each store gives it another one.
///
/// It comes from a read or a store and serves as the condition of a later one (compare and swap). It is never the
/// number 0, which means "no condition" on the wire; a server that keeps no CAS (`memcached -C`) gives none.
public struct MemcachedCAS: Hashable, Sendable {
    /// The number on the wire, never 0.
    public let rawValue: UInt64

    /// Makes a CAS of a number from the wire; nil for 0.
    public init?(rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }
}
