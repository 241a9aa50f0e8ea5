/// Where a node stands: a root, or a member of a container.
enum Location: Sendable, Hashable {
    case root(Int)
    case array(Int, position: Int)
    case object(Int, position: Int)
}

/// A container that can be opened.
enum Container: Sendable, Hashable {
    case array(Int)
    case object(Int)
}

/// A graph together with the roots that stand outside of it, while it is being read or changed.
struct RootedGraph: Sendable {
    var graph = ValueGraph()
    var roots: [ValueGraph.Node] = []

    subscript(location: Location) -> ValueGraph.Node {
        get {
            switch location {
            case .root(let index): roots[index]
            case .array(let index, let position): graph.arrays[index].members[position]
            case .object(let index, let position): graph.objects[index].members[position]
            }
        }
        set {
            switch location {
            case .root(let index): roots[index] = newValue
            case .array(let index, let position): graph.arrays[index].members[position] = newValue
            case .object(let index, let position): graph.objects[index].members[position] = newValue
            }
        }
    }

    /// The place of a key in a container, emptied if it was taken: a repeated key gives its last value at its first place.
    mutating func place(_ key: PHPKey, in container: Container) -> Location {
        switch container {
        case .array(let index):
            let position = graph.arrays[index].members.place(key)
            graph.arrays[index].members[position] = .null
            return .array(index, position: position)
        case .object(let index):
            if let position = graph.objects[index].members.position(matching: key) {
                graph.objects[index].members[position] = .null
                return .object(index, position: position)
            }
            let position = graph.objects[index].members.place(key)
            return .object(index, position: position)
        }
    }
}
