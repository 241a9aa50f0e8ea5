/// A PHP array: keys in order, integers or strings, each with a value.
///
/// ```swift
/// var cart = PHPArray()
/// cart["total"] = 4.5
/// try cart.append("apple")
/// for (key, value) in cart { … }
/// ```
public struct PHPArray: Sendable {
    var graph: ValueGraph
    var index: Int

    init(_ graph: ValueGraph, _ index: Int) {
        self.graph = graph
        self.index = index
    }

    /// Creates an empty array.
    public init() {
        graph = ValueGraph()
        index = graph.addArray()
    }

    /// Creates an array with the keys 0, 1, 2 ….
    ///
    /// - Parameter values: The values in order.
    public init(_ values: some Sequence<PHPValue>) {
        self.init()
        for (position, value) in values.enumerated() { self[.int(position)] = value }
    }

    /// Creates an array with keys.
    ///
    /// A key that is given twice has the last value at the first place, as in PHP.
    ///
    /// - Parameter pairs: The keys and values in order.
    public init(pairs: some Sequence<(PHPKey, PHPValue)>) {
        self.init()
        for (key, value) in pairs { self[key] = value }
    }

    /// Whether the keys are 0, 1, 2 … in order, what PHP's `array_is_list` says and JSON calls an array.
    public var isList: Bool { members.isList }

    /// The keys in order.
    public var keys: [PHPKey] { members.entries.map(\.key) }

    /// The values in order.
    public var values: [PHPValue] { members.entries.map { PHPValue(graph, $0.node) } }

    var members: KeyedNodes { graph.arrays[index].members }

    /// The value of a key, nil where there is none.
    ///
    /// Assigning nil removes the key.
    ///
    /// A member that is a PHP reference is assigned through: everything that refers to it changes.
    ///
    /// - Parameter key: The key; `"5"` and 5 are the same one.
    public subscript(key: PHPKey) -> PHPValue? {
        get {
            members.position(matching: key).map { PHPValue(graph, members[$0]) }
        }
        set {
            index = graph.separate(index)
            if let newValue {
                let node = graph.copy(newValue.graph.resolved(newValue.node), from: newValue.graph)
                assign(node, to: key)
            } else if let position = members.position(matching: key) {
                graph.arrays[index].members.remove(at: position)
            }
            var root = ValueGraph.Node.array(index)
            graph.sweepIfNeeded(root: &root)
            if case .array(let renumbered) = root { index = renumbered }
        }
    }

    private mutating func assign(_ node: ValueGraph.Node, to key: PHPKey) {
        guard let position = members.position(matching: key) else {
            graph.arrays[index].members.append(key.normalized, node)
            return
        }
        if case .reference(let reference) = members[position] {
            graph.references[reference] = node
        } else {
            graph.arrays[index].members[position] = node
        }
    }

    /// Adds a value behind the largest integer key, as PHP's `$array[] =` does.
    ///
    /// - Parameter value: The value.
    /// - Throws: ``PHPSessionCodecError/Code/notRepresentable`` where the largest key is PHP's largest integer.
    public mutating func append(_ value: PHPValue) throws(PHPSessionCodecError) {
        guard let next = members.nextIndex else {
            throw PHPSessionCodecError(.notRepresentable, "no integer key is left behind the largest one")
        }
        self[.int(next)] = value
    }
}

extension PHPArray: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// Creates an array with the keys 0, 1, 2 ….
    ///
    /// - Parameter elements: The values in order.
    public init(arrayLiteral elements: PHPValue...) { self.init(elements) }

    /// Creates an array with keys.
    ///
    /// A key that is given twice has the last value at the first place, as in PHP.
    ///
    /// - Parameter elements: The keys and values in order.
    public init(dictionaryLiteral elements: (PHPKey, PHPValue)...) { self.init(pairs: elements) }
}

extension PHPArray: Sequence {
    /// The number of members.
    public var count: Int { members.count }

    /// Whether there is no member.
    public var isEmpty: Bool { members.count == 0 }

    /// Goes through the keys and values in order.
    ///
    /// - Returns: An iterator over the array as it is now.
    public func makeIterator() -> Iterator { Iterator(array: self) }

    /// Goes through the keys and values of an array in order.
    public struct Iterator: IteratorProtocol, Sendable {
        private let graph: ValueGraph
        private var entries: [KeyedNodes.Entry].Iterator

        init(array: PHPArray) {
            graph = array.graph
            entries = array.members.entries.makeIterator()
        }

        /// The next key and value.
        ///
        /// - Returns: The pair, or nil behind the last one.
        public mutating func next() -> (key: PHPKey, value: PHPValue)? {
            entries.next().map { ($0.key, PHPValue(graph, $0.node)) }
        }
    }
}
