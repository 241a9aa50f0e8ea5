extension MemcachedClient: CustomStringConvertible, CustomReflectable {
    /// The labels of the servers that are used now.
    public var description: String {
        "MemcachedClient(\(servers.map(\.label).joined(separator: ", ")))"
    }

    /// Without children: a `dump` would show what the sockets' buffers hold.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
