extension MemcachedSessionHandler: CustomReflectable {
    /// Without children: a `dump` would show what the sockets' buffers hold.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
