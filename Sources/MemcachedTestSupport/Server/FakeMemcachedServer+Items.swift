import NIOConcurrencyHelpers

extension FakeMemcachedServer {
    /// An item as a test sees and puts it, past any client.
    public struct Item: Hashable, Sendable {
        /// The value.
        public var value: [UInt8]
        /// The flags word.
        public var flags: UInt32
        /// The CAS; without meaning when an item is put, which gets a new one.
        public var cas: UInt64
        /// The Unix time in seconds from which on the item is gone; nil for never.
        public var expires: Int64?

        /// Describes an item.
        /// - Parameters:
        ///   - value: The value.
        ///   - flags: The flags word.
        ///   - cas: The CAS.
        ///   - expires: The Unix time in seconds from which on the item is gone.
        public init(value: [UInt8], flags: UInt32 = 0, cas: UInt64 = 0, expires: Int64? = nil) {
            self.value = value
            self.flags = flags
            self.cas = cas
            self.expires = expires
        }
    }

    /// The item under a key, nil if there is none; putting one gives it a new CAS, putting nil deletes it.
    ///
    /// Limits of size and memory do not apply to what a test puts.
    /// - Parameter key: The key as it is on the wire.
    public subscript(key: String) -> Item? {
        get { self[Array(key.utf8)] }
        set { self[Array(key.utf8)] = newValue }
    }

    /// The item under a key, nil if there is none; putting one gives it a new CAS, putting nil deletes it.
    ///
    /// Limits of size and memory do not apply to what a test puts.
    /// - Parameter key: The key as it is on the wire.
    public subscript(key: [UInt8]) -> Item? {
        get {
            core.withStore { store, now in
                store.item(key, now: now)
                    .map {
                        Item(value: $0.value, flags: $0.flags, cas: $0.cas, expires: $0.expires)
                    }
            }
        }
        set {
            core.withStore { store, now in
                guard let newValue else { return store.remove(key) }
                store.place(
                    MemoryStore.Item(
                        value: newValue.value,
                        flags: newValue.flags,
                        cas: 0,
                        expires: newValue.expires,
                        stored: now
                    ),
                    key,
                    now: now
                )
            }
        }
    }

    /// How many items there are, those included that have expired but have not been asked for since.
    public var itemCount: Int {
        core.withStore { store, _ in store.count }
    }

    /// Deletes all items.
    public func removeAllItems() {
        core.withStore { store, _ in store.removeAll() }
    }

    /// The server's idea of the present: Unix time in whole seconds.
    public var now: Int64 {
        core.withStore { _, now in now }
    }
}
