/// What a server tells of how it was started, as far as this client goes by it.
struct ServerSettings: Hashable, Sendable {
    /// The size of the largest item in bytes; nil when it is not told.
    var itemLimit: Int?
    /// Whether items have a CAS; nil when it is not told.
    var keepsCAS: Bool?

    /// Reads the group of statistics that is called "settings".
    init(_ statistics: MemcachedStatistics) {
        itemLimit = statistics["item_size_max"].flatMap { Int($0) }
        keepsCAS = statistics.flag("cas_enabled")
    }
}
