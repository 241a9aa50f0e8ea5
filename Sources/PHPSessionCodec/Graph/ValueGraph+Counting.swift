extension ValueGraph {
    /// Calls `visit` once for every cell that can be reached from a node, with the nodes in it.
    ///
    /// - Parameters:
    ///   - roots: Where to start.
    ///   - visit: Gets each reachable node, the roots included; a cell's own nodes only once.
    func forEachReachable(from roots: [Node], _ visit: (Node) -> Void) {
        var arraysSeen = Array(repeating: false, count: arrays.count)
        var objectsSeen = Array(repeating: false, count: objects.count)
        var referencesSeen = Array(repeating: false, count: references.count)
        var pending = roots
        while let node = pending.popLast() {
            visit(node)
            switch node {
            case .null, .bool, .int, .float, .string:
                continue
            case .array(let index):
                if arraysSeen[index] { continue }
                arraysSeen[index] = true
                for entry in arrays[index].members.entries { pending.append(entry.node) }
            case .object(let index):
                if objectsSeen[index] { continue }
                objectsSeen[index] = true
                for entry in objects[index].members.entries { pending.append(entry.node) }
            case .reference(let index):
                if referencesSeen[index] { continue }
                referencesSeen[index] = true
                pending.append(references[index])
            }
        }
    }

    /// How often each reference occurs under a node.
    ///
    /// One that occurs once is no different from a plain value.
    func referenceCounts(from root: Node) -> [Int] {
        var counts = Array(repeating: 0, count: references.count)
        if references.isEmpty { return counts }
        forEachReachable(from: [root]) { node in
            if case .reference(let index) = node { counts[index] += 1 }
        }
        countCyclicReferencesTwice(&counts)
        return counts
    }
}
