extension PHPValue {
    /// The value as JSON, as PHP's json_encode would write it with slashes and Unicode unescaped and fractions kept.
    ///
    /// Lists become arrays, other arrays objects, objects their public properties (`SplFixedArray` a list), without
    /// integer keys that `__serialize` wrote beside them. References and repeated objects are written out at each place.
    ///
    /// - Parameter limits: The budget of values and bytes.
    /// - Returns: The JSON text.
    /// - Throws: ``PHPSessionCodecError/Code/notRepresentable`` for what JSON has no words for (strings that are not
    ///   UTF-8, infinities and NAN, enumerations, payloads of Serializable), ``PHPSessionCodecError/Code/cycle`` for a
    ///   value that contains itself, ``PHPSessionCodecError/Code/tooManyValues`` beyond the budget.
    public func plainJSON(limits: PHPSessionLimits = .standard) throws(PHPSessionCodecError) -> String {
        var writer = PlainJSONWriter(graph, limits)
        try writer.write(node)
        return String(decoding: writer.text.bytes, as: UTF8.self)
    }
}

/// Writes JSON from a list of open containers, never by recursion.
private struct PlainJSONWriter {
    private let graph: ValueGraph
    private(set) var text: JSONText
    private var budget: ValueBudget
    private var open = OpenCells()
    private var frames: [Frame] = []

    private struct Frame {
        let node: ValueGraph.Node
        let entries: [KeyedNodes.Entry]
        let isList: Bool
        var position = 0
    }

    init(_ graph: ValueGraph, _ limits: PHPSessionLimits) {
        self.graph = graph
        text = JSONText(limits)
        budget = ValueBudget(limits)
    }

    mutating func write(_ root: ValueGraph.Node) throws(PHPSessionCodecError) {
        try writeNode(root)
        while let frame = frames.last {
            guard frame.position < frame.entries.count else {
                try text.append(frame.isList ? "]" : "}")
                open.close(frame.node)
                frames.removeLast()
                continue
            }
            frames[frames.count - 1].position += 1
            let entry = frame.entries[frame.position]
            if frame.position > 0 { try text.append(",") }
            if !frame.isList {
                try writeString(entry.key.name)
                try text.append(":")
            }
            try writeNode(entry.node)
        }
    }

    private mutating func writeNode(_ node: ValueGraph.Node) throws(PHPSessionCodecError) {
        try budget.spend()
        let node = graph.resolved(node)
        switch node {
        case .null, .reference: try text.append("null")
        case .bool(let value): try text.append(value ? "true" : "false")
        case .int(let value): try text.append(String(value))
        case .float(let value):
            guard value.value.isFinite else {
                throw PHPSessionCodecError(.notRepresentable, "JSON has no infinities and no NAN")
            }
            try text.append(value.textWithFraction)
        case .string(let value): try writeString(value)
        case .array(let index):
            let members = graph.arrays[index].members
            try begin(node, members.entries, isList: members.isList)
        case .object(let index): try writeObject(node, graph.objects[index])
        }
    }

    private mutating func writeObject(
        _ node: ValueGraph.Node,
        _ cell: ValueGraph.ObjectCell
    ) throws(PHPSessionCodecError) {
        switch cell.form {
        case .properties, .serialized:
            if cell.className == "SplFixedArray", cell.members.isList {
                return try begin(node, cell.members.entries, isList: true)
            }
            let entries = cell.members.entries.filter { entry in
                if entry.key.isInteger { return cell.hasIndexedProperties }
                if case .public = PropertyName(entry.key) { return true }
                return false
            }
            try begin(node, entries, isList: false)
        case .serializable:
            throw PHPSessionCodecError(.notRepresentable, "what a Serializable object holds is known to its class only")
        case .enumCase:
            throw PHPSessionCodecError(.notRepresentable, "JSON has no enumerations")
        }
    }

    private mutating func begin(
        _ node: ValueGraph.Node,
        _ entries: [KeyedNodes.Entry],
        isList: Bool
    ) throws(PHPSessionCodecError) {
        guard open.open(node) else { throw OpenCells.cycle }
        try text.append(isList ? "[" : "{")
        frames.append(Frame(node: node, entries: entries, isList: isList))
    }

    private mutating func writeString(_ string: PHPString) throws(PHPSessionCodecError) {
        guard try text.appendString(string) else {
            throw PHPSessionCodecError(.notRepresentable, "JSON has only strings in UTF-8")
        }
    }
}
