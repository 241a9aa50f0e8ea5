extension ValueGraph {
    /// How many cells of each kind there are.
    struct CellCounts: Sendable {
        var arrays = 0
        var objects = 0
        var references = 0
    }

    var cellCounts: CellCounts {
        CellCounts(arrays: arrays.count, objects: objects.count, references: references.count)
    }

    /// Drops cells that nothing leads to any more, once as many were added as the last look at all values took steps.
    ///
    /// - Parameters:
    ///   - root: The node everything alive is reached from; it is renumbered.
    ///   - pinned: The first cells of each kind, which keep their numbers whether they are reached or not.
    mutating func sweepIfNeeded(root: inout Node, pinned: CellCounts = CellCounts()) {
        guard arrays.count + objects.count + references.count >= sweepThreshold else { return }
        var sweep = Sweep(graph: self, root: root, pinned: pinned)
        sweep.apply(to: &self)
        root = sweep.renumbered(root)
        let cells = arrays.count + objects.count + references.count
        sweepThreshold = cells + max(Self.smallestSweep, sweep.steps)
    }
}

/// New numbers for the cells that stay.
private struct Sweep {
    private var arrays: [Int?]
    private var objects: [Int?]
    private var references: [Int?]
    private(set) var steps = 0

    init(graph: ValueGraph, root: ValueGraph.Node, pinned: ValueGraph.CellCounts) {
        var arraysAlive = graph.arrays.indices.map { $0 < pinned.arrays }
        var objectsAlive = graph.objects.indices.map { $0 < pinned.objects }
        var referencesAlive = graph.references.indices.map { $0 < pinned.references }
        var steps = 0
        graph.forEachReachable(from: [root] + Self.pinnedNodes(of: graph, pinned)) { node in
            steps += 1
            switch node {
            case .null, .bool, .int, .float, .string: break
            case .array(let index): arraysAlive[index] = true
            case .object(let index): objectsAlive[index] = true
            case .reference(let index): referencesAlive[index] = true
            }
        }
        self.steps = steps
        arrays = Self.numbers(arraysAlive)
        objects = Self.numbers(objectsAlive)
        references = Self.numbers(referencesAlive)
    }

    private static func pinnedNodes(of graph: ValueGraph, _ pinned: ValueGraph.CellCounts) -> [ValueGraph.Node] {
        (0..<pinned.arrays).map { .array($0) } + (0..<pinned.objects).map { .object($0) }
            + (0..<pinned.references).map { .reference($0) }
    }

    private static func numbers(_ alive: [Bool]) -> [Int?] {
        var next = 0
        return alive.map { isAlive in
            guard isAlive else { return nil }
            next += 1
            return next - 1
        }
    }

    func renumbered(_ node: ValueGraph.Node) -> ValueGraph.Node {
        switch node {
        case .null, .bool, .int, .float, .string: node
        case .array(let index): arrays[index].map { .array($0) } ?? .null
        case .object(let index): objects[index].map { .object($0) } ?? .null
        case .reference(let index): references[index].map { .reference($0) } ?? .null
        }
    }

    private func renumber(_ members: inout KeyedNodes) {
        for position in members.entries.indices {
            switch members[position] {
            case .null, .bool, .int, .float, .string: continue
            case .array, .object, .reference: members[position] = renumbered(members[position])
            }
        }
    }

    mutating func apply(to graph: inout ValueGraph) {
        var kept = ValueGraph()
        for (index, number) in arrays.enumerated() where number != nil {
            var cell = graph.arrays[index]
            graph.arrays[index] = ValueGraph.ArrayCell()
            renumber(&cell.members)
            kept.arrays.append(cell)
        }
        for (index, number) in objects.enumerated() where number != nil {
            var cell = graph.objects[index]
            renumber(&cell.members)
            kept.objects.append(cell)
        }
        for (index, number) in references.enumerated() where number != nil {
            kept.references.append(renumbered(graph.references[index]))
        }
        graph = kept
    }
}
