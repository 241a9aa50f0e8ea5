/// What one server tells of itself: names and values of a group of statistics.
public struct MemcachedStatistics: Hashable, Sendable {
    /// A group that servers know.
    public struct Group: Hashable, Sendable {
        /// The name on the wire; nil for the general group, which has none.
        let name: MemcachedKey?

        private init(name: MemcachedKey?) {
            self.name = name
        }

        /// A group by its name, for those that have none here.
        public init(_ name: String) {
            self.init(name: MemcachedKey(name))
        }

        /// Uptime, memory, connections, hits, misses.
        public static let general = Group(name: nil)
        /// How the server was started: `maxbytes`, `item_size_max`, `cas_enabled`.
        public static let settings = Group("settings")
        /// Items by slab class.
        public static let items = Group("items")
        /// Memory by slab class.
        public static let slabs = Group("slabs")
        /// Items by size, on servers that keep it.
        public static let sizes = Group("sizes")
    }

    /// The values as text, by name.
    public let values: [String: String]

    package init(values: [String: String]) {
        self.values = values
    }

    /// A value as text; nil when the server does not tell it.
    public subscript(name: String) -> String? { values[name] }

    /// A value that is a whole number from 0; nil when it is not told or no such number.
    public func integer(_ name: String) -> UInt64? { values[name].flatMap { UInt64($0) } }

    /// A value that is a number; nil when it is not told or no number.
    public func number(_ name: String) -> Double? { values[name].flatMap { Double($0) } }

    /// A value that is `yes`, `no`, `1` or `0`; nil when it is not told or none of them.
    public func flag(_ name: String) -> Bool? {
        switch values[name] {
        case "yes", "1": true
        case "no", "0": false
        default: nil
        }
    }
}
