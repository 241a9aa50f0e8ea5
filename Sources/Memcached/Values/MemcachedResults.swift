/// How a conditional store ended.
///
/// All of these are answers of the server, not errors.
public enum MemcachedStoreResult: Hashable, Sendable {
    /// Stored; the item's new CAS, nil when the server keeps none (`memcached -C`).
    case stored(MemcachedCAS?)
    /// ADD found the key taken, or the item's CAS differs from the one given.
    case exists
    /// REPLACE, or a store with a CAS, found nothing under the key.
    case notFound
    /// APPEND or PREPEND found nothing to extend.
    case notStored

    /// Whether the item was stored.
    public var isStored: Bool {
        if case .stored = self { true } else { false }
    }

    /// The new CAS if the item was stored on a server that keeps CAS.
    public var cas: MemcachedCAS? {
        if case .stored(let cas) = self { cas } else { nil }
    }
}

/// How a delete with a CAS ended.
public enum MemcachedDeleteResult: Hashable, Sendable {
    /// The item was there with this CAS and is gone.
    case deleted
    /// The item is there with another CAS and stays.
    case exists
    /// Nothing is under the key.
    case notFound
}

/// How counting with a CAS ended.
public enum MemcachedCounterResult: Hashable, Sendable {
    /// Counted: the new number and the counter's new CAS.
    case counted(UInt64, MemcachedCAS?)
    /// The counter has another CAS and stays as it is.
    case exists
    /// There is no counter, and none was begun.
    case notFound
}
