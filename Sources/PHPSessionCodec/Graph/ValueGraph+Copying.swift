extension ValueGraph {
    /// Copies everything that can be reached from a node of another graph into this one.
    ///
    /// What was shared there is shared here; nothing is shared with what this graph already held.
    mutating func copy(_ node: Node, from source: ValueGraph) -> Node {
        var copier = GraphCopier(source: source)
        return copier.copy(node, into: &self)
    }
}

/// Copies cells one by one from a list of what is still to do, never by recursion.
private struct GraphCopier {
    let source: ValueGraph
    private var arrays: [Int: Int] = [:]
    private var objects: [Int: Int] = [:]
    private var references: [Int: Int] = [:]
    private var pending: [Cell] = []

    private enum Cell {
        case array(Int)
        case object(Int)
        case reference(Int)
    }

    init(source: ValueGraph) { self.source = source }

    mutating func copy(_ root: ValueGraph.Node, into target: inout ValueGraph) -> ValueGraph.Node {
        let result = translate(root, into: &target)
        while let cell = pending.popLast() {
            switch cell {
            case .array(let index):
                guard let copy = arrays[index] else { continue }
                let members = source.arrays[index].members
                target.arrays[copy].members = translate(members, into: &target)
            case .object(let index):
                guard let copy = objects[index] else { continue }
                let members = source.objects[index].members
                target.objects[copy].members = translate(members, into: &target)
            case .reference(let index):
                guard let copy = references[index] else { continue }
                target.references[copy] = translate(source.references[index], into: &target)
            }
        }
        return result
    }

    private mutating func translate(_ members: KeyedNodes, into target: inout ValueGraph) -> KeyedNodes {
        var result = members
        for position in members.entries.indices {
            switch members[position] {
            case .null, .bool, .int, .float, .string: continue
            case .array, .object, .reference: result[position] = translate(members[position], into: &target)
            }
        }
        return result
    }

    private mutating func translate(_ node: ValueGraph.Node, into target: inout ValueGraph) -> ValueGraph.Node {
        switch node {
        case .null, .bool, .int, .float, .string:
            return node
        case .array(let index):
            if let copy = arrays[index] {
                target.arrays[copy].isShared = true
                return .array(copy)
            }
            let copy = target.addArray()
            arrays[index] = copy
            pending.append(.array(index))
            return .array(copy)
        case .object(let index):
            if let copy = objects[index] { return .object(copy) }
            let original = source.objects[index]
            let copy = target.addObject(original.className, original.form)
            target.objects[copy].gaps = original.gaps
            objects[index] = copy
            pending.append(.object(index))
            return .object(copy)
        case .reference(let index):
            if let copy = references[index] { return .reference(copy) }
            let copy = target.addReference(to: .null)
            references[index] = copy
            pending.append(.reference(index))
            return .reference(copy)
        }
    }
}
