extension ValueGraph {
    /// Marks references that occur once but lead back to themselves through arrays and such references alone.
    ///
    /// Written as plain values they would go on for ever; as references they end where they come round. They are the
    /// references in strongly connected components (Tarjan 1972) of the graph of arrays and references, found with a
    /// list in place of recursion.
    ///
    /// - Parameter counts: How often each reference occurs; raised to 2 for those found.
    func countCyclicReferencesTwice(_ counts: inout [Int]) {
        guard counts.contains(1), arrays.contains(where: \.isShared) else { return }
        var search = CycleSearch(graph: self, counts: counts)
        for reference in search.referencesInCycles() { counts[reference] = 2 }
    }
}

private struct CycleSearch {
    private let graph: ValueGraph
    private let counts: [Int]
    /// For arrays first and references behind them: the order of discovery, and the earliest cell that can be reached.
    private var order: [Int?]
    private var low: [Int]
    private var isOpen: [Bool]
    private var component: [Int] = []
    private var frames: [Frame] = []
    private var found: [Int] = []
    private var next = 0

    private struct Frame {
        let cell: Int
        var position = 0
    }

    init(graph: ValueGraph, counts: [Int]) {
        self.graph = graph
        self.counts = counts
        let cells = graph.arrays.count + graph.references.count
        order = Array(repeating: nil, count: cells)
        low = Array(repeating: 0, count: cells)
        isOpen = Array(repeating: false, count: cells)
    }

    mutating func referencesInCycles() -> [Int] {
        for cell in order.indices where order[cell] == nil {
            open(cell)
            while let frame = frames.last { step(frame) }
        }
        return found
    }

    private mutating func open(_ cell: Int) {
        order[cell] = next
        low[cell] = next
        next += 1
        isOpen[cell] = true
        component.append(cell)
        frames.append(Frame(cell: cell))
    }

    private mutating func step(_ frame: Frame) {
        guard frame.position < memberCount(frame.cell) else { return close(frame.cell) }
        frames[frames.count - 1].position += 1
        guard let member = member(frame.position, of: frame.cell) else { return }
        if order[member] == nil {
            open(member)
        } else if isOpen[member], let found = order[member] {
            low[frame.cell] = min(low[frame.cell], found)
        }
    }

    private mutating func close(_ cell: Int) {
        frames.removeLast()
        if let outer = frames.last { low[outer.cell] = min(low[outer.cell], low[cell]) }
        guard low[cell] == order[cell] else { return }
        // A reference cannot hold itself, so a component of one cell is no cycle with a reference in it.
        let isCycle = component.last != cell
        while let member = component.popLast() {
            isOpen[member] = false
            if isCycle, member >= graph.arrays.count { found.append(member - graph.arrays.count) }
            if member == cell { return }
        }
    }

    private func memberCount(_ cell: Int) -> Int {
        cell < graph.arrays.count ? graph.arrays[cell].members.count : 1
    }

    private func member(_ position: Int, of cell: Int) -> Int? {
        let node =
            cell < graph.arrays.count
            ? graph.arrays[cell].members[position] : graph.references[cell - graph.arrays.count]
        switch node {
        case .array(let index): return index
        case .reference(let index) where counts[index] == 1: return graph.arrays.count + index
        default: return nil
        }
    }
}
