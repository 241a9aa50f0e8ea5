extension MemcachedClient: CustomStringConvertible, CustomReflectable {
    /// The servers' labels.
    public var description: String {
        "MemcachedClient(\(configuration.servers.map(\.label).joined(separator: ", ")))"
    }

    /// Without children: a `dump` would show what the sockets' buffers hold.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
