/// One change to a graph, noting which cells it touched.
///
/// The value is taken out of its owner meanwhile, so that nothing is copied. A change that fails has changed nothing.
struct ValueEdit {
    private(set) var rooted: RootedGraph
    private(set) var touched: [ValueGraph.Node] = []
    private static let root = Location.root(0)

    init(taking value: inout PHPValue) {
        rooted = RootedGraph(graph: value.graph, roots: [value.node])
        value = .null
    }

    /// The changed value, to be given back to its owner.
    func finish(pinned: ValueGraph.CellCounts = ValueGraph.CellCounts()) -> PHPValue {
        var graph = rooted.graph
        var node = rooted[Self.root]
        graph.sweepIfNeeded(root: &node, pinned: pinned)
        return PHPValue(graph, node)
    }

    mutating func set(_ value: PHPValue, at path: [PHPKey]) throws(PHPSessionCodecError) {
        var location = Self.root
        for key in path {
            guard let container = try open(location, creating: true) else { return }
            location = try member(key, of: container)
        }
        let node = rooted.graph.copy(value.graph.resolved(value.node), from: value.graph)
        if case .reference(let reference) = rooted[location] {
            rooted.graph.references[reference] = node
            touched.append(.reference(reference))
        } else {
            write(node, at: location)
        }
    }

    mutating func remove(at path: [PHPKey]) throws(PHPSessionCodecError) -> Bool {
        guard let last = path.last else { return false }
        var location = Self.root
        for key in path.dropLast() {
            guard let container = try open(location, creating: false),
                let next = existing(key, in: container)
            else { return false }
            location = next
        }
        guard let container = try open(location, creating: false), let place = existing(last, in: container) else {
            return false
        }
        switch place {
        case .array(let index, let position):
            rooted.graph.arrays[index].members.remove(at: position)
            touched.append(.array(index))
        case .object(let index, let position):
            rooted.graph.objects[index].members.remove(at: position)
            rooted.graph.objects[index].gaps = []
            touched.append(.object(index))
        case .root:
            return false
        }
        return true
    }

    private mutating func write(_ node: ValueGraph.Node, at location: Location) {
        rooted[location] = node
        switch location {
        case .root: break
        case .array(let index, _): touched.append(.array(index))
        case .object(let index, _): touched.append(.object(index))
        }
    }

    /// The container at a location, made writable; null becomes an array where `creating` is set, and is nil otherwise.
    private mutating func open(
        _ location: Location,
        creating: Bool
    ) throws(PHPSessionCodecError) -> Container? {
        switch rooted.graph.resolved(rooted[location]) {
        case .null:
            guard creating else { return nil }
            let index = rooted.graph.addArray()
            replaceArray(at: location, with: index)
            return .array(index)
        case .array(let shared):
            let index = rooted.graph.separate(shared)
            if index != shared { replaceArray(at: location, with: index) }
            return .array(index)
        case .object(let index):
            switch rooted.graph.objects[index].form {
            case .properties, .serialized: return .object(index)
            case .serializable, .enumCase: break
            }
        case .bool, .int, .float, .string, .reference:
            break
        }
        throw PHPSessionCodecError(.notAContainer, "the path leads through a value without members")
    }

    private mutating func replaceArray(at location: Location, with index: Int) {
        if case .reference(let reference) = rooted[location] {
            rooted.graph.references[reference] = .array(index)
            touched.append(.reference(reference))
        } else {
            write(.array(index), at: location)
        }
    }

    private func existing(_ key: PHPKey, in container: Container) -> Location? {
        switch container {
        case .array(let index):
            rooted.graph.arrays[index].members.position(matching: key).map { .array(index, position: $0) }
        case .object(let index):
            rooted.graph.objects[index].position(ofProperty: key.name).map { .object(index, position: $0) }
        }
    }

    private mutating func member(_ key: PHPKey, of container: Container) throws(PHPSessionCodecError) -> Location {
        if let location = existing(key, in: container) { return location }
        switch container {
        case .array(let index):
            touched.append(.array(index))
            return .array(index, position: rooted.graph.arrays[index].members.place(key.normalized))
        case .object(let index):
            guard rooted.graph.objects[index].isStandardClass else {
                throw PHPSessionCodecError(.notAContainer, "the object has no such property")
            }
            touched.append(.object(index))
            return .object(index, position: rooted.graph.objects[index].members.place(.string(key.name)))
        }
    }
}
