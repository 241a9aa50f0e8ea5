/// The members of an array or an object: keys in order, each with a node, found in constant time.
///
/// Nothing is hashed as long as the keys are 0, 1, 2 … or there are only a few of them.
struct KeyedNodes: Sendable {
    struct Entry: Sendable {
        let key: PHPKey
        var node: ValueGraph.Node
    }

    private(set) var entries: [Entry] = []

    /// Whether the keys are the integers from 0 in order.
    private(set) var isSequence = true

    /// The integer key PHP would use for the next appended value; nil when there is none left.
    private(set) var nextIndex: Int? = 0

    private var positions: [PHPKey: Int] = [:]
    private static let linearSearchLimit = 8

    var count: Int { entries.count }

    /// Whether the keys are 0, 1, 2 … in order, looked at one by one where that is not known.
    var isList: Bool {
        isSequence || entries.enumerated().allSatisfy { position, entry in entry.key == .int(position) }
    }

    subscript(position: Int) -> ValueGraph.Node {
        get { entries[position].node }
        set { entries[position].node = newValue }
    }

    /// Where exactly this key stands.
    func position(of key: PHPKey) -> Int? {
        if isSequence {
            guard case .int(let number) = key, number >= 0, number < entries.count else { return nil }
            return number
        }
        if entries.count <= Self.linearSearchLimit { return entries.firstIndex { $0.key == key } }
        return positions[key]
    }

    /// Where this key stands in either of its forms, the integer 5 or the string "5".
    func position(matching key: PHPKey) -> Int? {
        if let position = position(of: key) { return position }
        guard let other = key.otherForm else { return nil }
        return position(of: other)
    }

    /// Adds a member whose key is not there yet.
    mutating func append(_ key: PHPKey, _ node: ValueGraph.Node) {
        if case .int(let number) = key, let next = nextIndex, number >= next {
            nextIndex = number == .max ? nil : number + 1
        }
        let staysSequence = isSequence && key == .int(entries.count)
        entries.append(Entry(key: key, node: node))
        if staysSequence { return }
        let wasSequence = isSequence
        isSequence = false
        if entries.count > Self.linearSearchLimit {
            if wasSequence || positions.isEmpty { indexAll() } else { positions[key] = entries.count - 1 }
        }
    }

    /// The position of this key, which is added with null where it is missing.
    mutating func place(_ key: PHPKey) -> Int {
        if let position = position(of: key) { return position }
        append(key, .null)
        return entries.count - 1
    }

    mutating func remove(at position: Int) {
        let isLast = position == entries.count - 1
        entries.remove(at: position)
        if isSequence && isLast { return }
        isSequence = false
        positions = [:]
        if entries.count > Self.linearSearchLimit { indexAll() }
    }

    private mutating func indexAll() {
        positions = Dictionary(minimumCapacity: entries.count)
        for (position, entry) in entries.enumerated() { positions[entry.key] = position }
    }
}
