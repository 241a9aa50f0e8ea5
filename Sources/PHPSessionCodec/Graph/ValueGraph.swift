/// PHP values as PHP holds them: nodes in flat tables, so that sharing, cycles and depth cost nothing.
///
/// - Arrays are values. Two nodes may name the same cell; it is then marked shared and copied before it is changed.
/// - Objects are handles: nodes that name the same cell are the same object.
/// - References are PHP's `&`: nodes that name the same reference are one variable.
///
/// Since cells refer to each other by index, no chain of owners exists: a value 4,096 levels deep, or one that
/// contains itself, is freed like any other, without recursion and without a leak.
struct ValueGraph: Sendable {
    /// One value, a scalar or the index of a cell.
    enum Node: Sendable {
        case null
        case bool(Bool)
        case int(Int)
        case float(PHPFloat)
        case string(PHPString)
        case array(Int)
        case object(Int)
        case reference(Int)
    }

    struct ArrayCell: Sendable {
        var members = KeyedNodes()
        /// Whether more than one node may name this cell, so that it has to be copied before it is changed.
        var isShared = false
    }

    struct ObjectCell: Sendable {
        let className: PHPString
        var form: ObjectForm
        var members = KeyedNodes()
        /// Positions at which igbinary noted a typed property without a value; other formats leave those out.
        var gaps: [Int] = []
    }

    /// How an object was written.
    enum ObjectForm: Sendable, Hashable {
        /// Properties by name, or whatever the class's `__serialize` returned: most formats do not say which.
        case properties
        /// What the class's `__serialize` returned, where the format says so.
        case serialized
        /// The text that the class's `Serializable::serialize` returned.
        case serializable(PHPString)
        /// A case of an enumeration.
        case enumCase(PHPString)
    }

    var arrays: [ArrayCell] = []
    var objects: [ObjectCell] = []
    /// What each reference holds, never a reference itself.
    var references: [Node] = []
    /// The number of cells at which those that nothing leads to any more are next looked for.
    var sweepThreshold = ValueGraph.smallestSweep
    static let smallestSweep = 4_096

    var isEmpty: Bool { arrays.isEmpty && objects.isEmpty && references.isEmpty }

    mutating func addArray() -> Int {
        arrays.append(ArrayCell())
        return arrays.count - 1
    }

    mutating func addObject(_ className: PHPString, _ form: ObjectForm) -> Int {
        objects.append(ObjectCell(className: className, form: form))
        return objects.count - 1
    }

    mutating func addReference(to node: Node) -> Int {
        if case .reference(let existing) = node { return existing }
        references.append(node)
        return references.count - 1
    }

    /// The node itself, or what the reference holds.
    func resolved(_ node: Node) -> Node {
        guard case .reference(let index) = node else { return node }
        return references[index]
    }

    /// Copies a shared array so that it can be changed, as PHP separates an array before a write.
    mutating func separate(_ array: Int) -> Int {
        guard arrays[array].isShared else { return array }
        let members = arrays[array].members
        for entry in members.entries {
            if case .array(let inner) = entry.node { arrays[inner].isShared = true }
        }
        arrays.append(ArrayCell(members: members))
        return arrays.count - 1
    }
}
