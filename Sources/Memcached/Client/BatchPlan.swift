import MemcachedWire
import NIOCore

/// The requests of a batch: one opcode for all of them, a key and perhaps a value for each.
///
/// Requests are encoded window by window, when their connection is known. A window is bounded in requests and in bytes,
/// and the next one goes out when the last has been answered: so neither side holds more than a window, nothing deadlocks
/// however large the batch, and others' requests go in between.
struct BatchPlan: Sendable {
    /// Requests in one window.
    static let windowRequests = 128
    /// Bytes in one window; one request that is larger is a window of its own.
    static let windowBytes = 262_144

    let opcode: Opcode
    /// What each request says besides; the flags of stores are those of their values.
    let extras: RequestExtras
    /// What stands before each key.
    let namespace: String
    /// The key that decides about the server for all of them; nil for each key itself.
    let group: MemcachedKey?
    /// The keys as they were given.
    private(set) var keys: [MemcachedKey] = []
    /// The keys as they are stored, if that is not the same.
    private var storedKeys: [MemcachedKey] = []
    /// The lengths of namespace and key together, in bytes.
    private var keyLengths: [Int] = []
    /// The values of stores.
    private var values = BatchValues()

    /// - Parameters:
    ///   - opcode: What is done with each key.
    ///   - extras: What each request says besides.
    ///   - namespace: What stands before each key.
    ///   - group: The key that decides about the server for all of them.
    ///   - capacity: How many keys are expected.
    init(
        _ opcode: Opcode,
        extras: RequestExtras = .none,
        namespace: String = "",
        group: MemcachedKey? = nil,
        capacity: Int = 0
    ) {
        self.opcode = opcode
        self.extras = extras
        self.namespace = namespace
        self.group = group
        keys.reserveCapacity(capacity)
        keyLengths.reserveCapacity(capacity)
    }

    /// A plan of requests without values, whose keys are stored as they are; nil when a key is too short or too long.
    ///
    /// - Parameters:
    ///   - opcode: What is done with each key.
    ///   - keys: The keys, each once.
    ///   - extras: What each request says besides.
    ///   - namespace: What stands before each key.
    ///   - group: The key that decides about the server for all of them.
    init?(_ opcode: Opcode, keys: [MemcachedKey], extras: RequestExtras, namespace: String, group: MemcachedKey?) {
        self.opcode = opcode
        self.extras = extras
        self.namespace = namespace
        self.group = group
        self.keys = keys
        let prefix = namespace.utf8.count
        keyLengths.reserveCapacity(keys.count)
        for key in keys {
            let length = key.byteCount
            guard length > 0, prefix + length <= RequestHead.maximumKeyLength else { return nil }
            keyLengths.append(prefix + length)
        }
    }

    /// Adds a request, whose key and value have been checked.
    ///
    /// - Parameters:
    ///   - key: The key as it was given.
    ///   - stored: The key as it is stored.
    mutating func append(_ key: MemcachedKey, stored: MemcachedKey? = nil) {
        if let stored { storedKeys.append(stored) }
        keyLengths.append(namespace.utf8.count + (stored ?? key).byteCount)
        keys.append(key)
    }

    /// Adds the value of the request that was added last.
    mutating func append(value: MemcachedPayload) { values.append(value) }

    /// Adds a text as the value of the request that was added last, with flags 0.
    mutating func append(value text: String) { values.append(text) }

    /// A plan of some of these requests, which have no values.
    func reading(_ positions: ArraySlice<Int>) -> BatchPlan {
        var plan = BatchPlan(opcode, extras: extras, namespace: namespace, group: group, capacity: positions.count)
        for position in positions {
            plan.append(keys[position], stored: storedKeys.isEmpty ? nil : storedKeys[position])
        }
        return plan
    }

    /// Whether what is done may be done again elsewhere.
    var isRead: Bool { opcode.isRead }

    /// Whether the requests have values.
    var hasValues: Bool { values.count > 0 }

    /// The key of a request as it is stored, without the namespace.
    func storedKey(_ position: Int) -> MemcachedKey { storedKeys.isEmpty ? keys[position] : storedKeys[position] }

    /// Namespace and key together, in bytes.
    func keyLength(_ position: Int) -> Int { keyLengths[position] }

    /// A request's length on the wire, in bytes.
    func byteCount(_ position: Int) -> Int {
        RequestHeader.byteCount + extras.byteCount + keyLength(position) + (hasValues ? values.length(position) : 0)
    }

    /// A request by itself, for who has to know more of it than its bytes.
    func request(_ position: Int) -> Request {
        Request(
            opcode: opcode,
            extras: extras(position),
            namespace: namespace,
            key: storedKey(position),
            value: hasValues ? values.payload(position).bytes : nil
        )
    }

    private func extras(_ position: Int) -> RequestExtras {
        guard case .store(_, let expiration) = extras, hasValues else { return extras }
        return .store(flags: values.flags(position), expiration: expiration)
    }

    // MARK: Windows

    /// Cuts requests, by their positions, into windows.
    func windows(of positions: [Int]) -> [ArraySlice<Int>] {
        var windows: [ArraySlice<Int>] = []
        var start = positions.startIndex
        while start < positions.endIndex {
            let end = endOfWindow(from: start, in: positions)
            windows.append(positions[start..<end])
            start = end
        }
        return windows
    }

    /// Where the window that begins at `start`, an index of `positions`, ends.
    func endOfWindow(from start: Int, in positions: [Int]) -> Int {
        var end = start
        var byteCount = 0
        while end < positions.endIndex, end - start < Self.windowRequests {
            byteCount += self.byteCount(positions[end])
            if byteCount > Self.windowBytes, end > start { break }
            end += 1
        }
        return end
    }

    /// The length of some requests on the wire with a NOOP behind them, in bytes.
    func byteCount(_ window: some Collection<Int>) -> Int {
        window.reduce(RequestHeader.byteCount) { $0 + byteCount($1) }
    }

    /// Encodes a window.
    ///
    /// - Parameters:
    ///   - window: The positions of its requests.
    ///   - firstOpaque: Opaques count up from here.
    ///   - isClosed: Whether a NOOP follows.
    /// - Returns: The requests; nil when one does not fit the protocol's length fields.
    func encode(_ window: some Collection<Int>, firstOpaque: UInt32, isClosed: Bool) -> Outbox? {
        let byteCount = byteCount(window)
        // Not so many bytes that growing costs nothing beside copying them.
        var outbox = Outbox(capacity: min(byteCount, Outbox.largestCopiedValue))
        let isEncoded =
            hasValues
            ? encodeStores(window, firstOpaque: firstOpaque, to: &outbox)
            : encodeKeys(window, firstOpaque: firstOpaque, room: byteCount, to: &outbox)
        guard isEncoded else { return nil }
        if isClosed {
            let opaque = firstOpaque &+ UInt32(truncatingIfNeeded: window.count)
            guard outbox.append(Request(opcode: .noop), opaque: opaque) else { return nil }
        }
        return outbox
    }

    private func encodeKeys(
        _ window: some Collection<Int>,
        firstOpaque: UInt32,
        room: Int,
        to outbox: inout Outbox
    ) -> Bool {
        guard
            let head = RequestHead(opcode: opcode, extras: extras, keyLength: 0, valueLength: 0, opaque: firstOpaque)
        else { return false }
        let keys = storedKeys.isEmpty ? keys : storedKeys
        return outbox.write(like: head, namespace, room: room) { writer in
            for position in window {
                guard writer.write(keys[position], value: UnsafeRawBufferPointer(start: nil, count: 0)) else {
                    return false
                }
            }
            return true
        }
    }

    private func encodeStores(_ window: some Collection<Int>, firstOpaque: UInt32, to outbox: inout Outbox) -> Bool {
        var opaque = firstOpaque
        for position in window {
            guard
                let head = RequestHead(
                    opcode: opcode,
                    extras: extras(position),
                    keyLength: keyLength(position),
                    valueLength: values.length(position),
                    opaque: opaque
                )
            else { return false }
            values.write(position, head, namespace, storedKey(position), to: &outbox)
            opaque &+= 1
        }
        return true
    }
}
