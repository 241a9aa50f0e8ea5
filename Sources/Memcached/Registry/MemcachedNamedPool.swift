/// A named pool that is open in this process; see ``MemcachedClient/named(_:_:)``.
public struct MemcachedNamedPool: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The servers, at the moment when the pools were listed.
    public let servers: [MemcachedServer]
    /// How many clients of it there were at that moment.
    ///
    /// A pool stays open without any.
    public let referenceCount: Int
}
