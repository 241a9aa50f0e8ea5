extension PHPValue: Equatable {
    /// Whether two values mean the same to PHP.
    ///
    /// Arrays have the same keys and values in the same order, objects the same class and properties in the same
    /// order. Floats are compared by their bits. References and repeated objects tie the same places together on both
    /// sides; a reference that occurs once is no different from a plain value.
    ///
    /// - Parameters:
    ///   - left: One value.
    ///   - right: Another value.
    /// - Returns: Whether they mean the same.
    public static func == (left: PHPValue, right: PHPValue) -> Bool {
        var comparison = Comparison(left: left, right: right)
        return comparison.run()
    }
}

/// Walks two graphs side by side and keeps a list of what is still to compare, so depth costs no stack.
private struct Comparison {
    private let left: ValueGraph
    private let right: ValueGraph
    private let leftCounts: [Int]
    private let rightCounts: [Int]
    private var pending: [(ValueGraph.Node, ValueGraph.Node)]
    private var objects = Pairs()
    private var references = Pairs()
    private var arrays: Set<Pair> = []

    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    /// Cells paired one to one.
    private struct Pairs {
        private var toRight: [Int: Int] = [:]
        private var toLeft: [Int: Int] = [:]

        /// True for a new pair, false for one known already, nil where either side is paired with something else.
        mutating func insert(_ left: Int, _ right: Int) -> Bool? {
            switch (toRight[left], toLeft[right]) {
            case (nil, nil):
                toRight[left] = right
                toLeft[right] = left
                return true
            case (right?, left?):
                return false
            default:
                return nil
            }
        }
    }

    init(left: PHPValue, right: PHPValue) {
        self.left = left.graph
        self.right = right.graph
        leftCounts = left.graph.referenceCounts(from: left.node)
        rightCounts = right.graph.referenceCounts(from: right.node)
        pending = [(left.node, right.node)]
    }

    mutating func run() -> Bool {
        while let (one, other) = pending.popLast() {
            guard compare(unwrapped(one, left, leftCounts), unwrapped(other, right, rightCounts)) else { return false }
        }
        return true
    }

    private func unwrapped(_ node: ValueGraph.Node, _ graph: ValueGraph, _ counts: [Int]) -> ValueGraph.Node {
        guard case .reference(let index) = node, counts[index] < 2 else { return node }
        return graph.references[index]
    }

    private mutating func compare(_ one: ValueGraph.Node, _ other: ValueGraph.Node) -> Bool {
        switch (one, other) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.float(let a), .float(let b)): return a == b
        case (.string(let a), .string(let b)): return a == b
        case (.array(let a), .array(let b)):
            guard arrays.insert(Pair(left: a, right: b)).inserted else { return true }
            return compare(left.arrays[a].members, right.arrays[b].members)
        case (.object(let a), .object(let b)):
            guard let isNew = objects.insert(a, b) else { return false }
            return !isNew || compare(left.objects[a], right.objects[b])
        case (.reference(let a), .reference(let b)):
            guard let isNew = references.insert(a, b) else { return false }
            if isNew { pending.append((left.references[a], right.references[b])) }
            return true
        default:
            return false
        }
    }

    private mutating func compare(_ one: ValueGraph.ObjectCell, _ other: ValueGraph.ObjectCell) -> Bool {
        guard one.className == other.className else { return false }
        switch (one.form, other.form) {
        case (.serializable, .serializable), (.enumCase, .enumCase):
            return one.form == other.form
        case (.properties, .properties), (.serialized, .serialized), (.properties, .serialized),
            (.serialized, .properties):
            return compare(one.members, other.members)
        default:
            return false
        }
    }

    private mutating func compare(_ one: KeyedNodes, _ other: KeyedNodes) -> Bool {
        guard one.count == other.count else { return false }
        for (entry, twin) in zip(one.entries, other.entries) {
            guard entry.key == twin.key else { return false }
            pending.append((entry.node, twin.node))
        }
        return true
    }
}
