/// The cells on the way from the root to a value, to notice when one leads back into itself.
struct OpenCells {
    private var arrays: Set<Int> = []
    private var objects: Set<Int> = []
    private var references: Set<Int> = []

    /// Notes a cell as open.
    ///
    /// - Parameter node: The node that names it.
    /// - Returns: False where it is open already.
    mutating func open(_ node: ValueGraph.Node) -> Bool {
        switch node {
        case .null, .bool, .int, .float, .string: true
        case .array(let index): arrays.insert(index).inserted
        case .object(let index): objects.insert(index).inserted
        case .reference(let index): references.insert(index).inserted
        }
    }

    mutating func close(_ node: ValueGraph.Node) {
        switch node {
        case .null, .bool, .int, .float, .string: break
        case .array(let index): arrays.remove(index)
        case .object(let index): objects.remove(index)
        case .reference(let index): references.remove(index)
        }
    }

    static let cycle = PHPSessionCodecError(.cycle, "a value leads back into itself")
}
