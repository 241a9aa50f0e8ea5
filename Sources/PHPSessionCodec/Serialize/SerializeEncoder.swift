/// Writes what PHP's serialize() writes, byte for byte.
///
/// Slots are counted as PHP counts them (ext/standard/var.c): every value takes one, `r:` too, `R:` does not. A
/// reference that occurs once is written as a plain value. Where an object occurs first by itself and then twice as one
/// reference, PHP's writer would make a reference of all three; here the second is written as `r:` and the third points
/// to that. Open containers stand on a list of frames, not on the stack.
struct SerializeEncoder {
    private let graph: ValueGraph
    private let referenceCounts: [Int]
    private let limits: PHPSessionLimits
    private var budget: ValueBudget
    private(set) var output: [UInt8] = []
    private(set) var slotCount = 0
    private var objectSlots: [Int: Int] = [:]
    private var referenceSlots: [Int: Int] = [:]
    private var frames: [Frame] = []
    /// Levels around the values that are written, an array whose members are appended one by one.
    var outerDepth = 0

    private var openArrays = OpenArrays()

    private struct Frame {
        let entries: [KeyedNodes.Entry]
        let way: OpenArrays.Way
        var position = 0
    }

    init(_ graph: ValueGraph, root: ValueGraph.Node, limits: PHPSessionLimits) {
        self.graph = graph
        self.limits = limits
        budget = ValueBudget(limits)
        referenceCounts = graph.referenceCounts(from: root)
    }

    func slot(ofObject index: Int) -> Int? { objectSlots[index] }

    func slot(ofReference index: Int) -> Int? { referenceSlots[index] }

    mutating func setSlot(_ slot: Int, ofObject index: Int) { objectSlots[index] = slot }

    mutating func setSlot(_ slot: Int, ofReference index: Int) { referenceSlots[index] = slot }

    /// Takes slots for a value that is appended as bytes.
    mutating func takeSlots(_ count: Int) { slotCount += count }

    mutating func append(_ bytes: some Sequence<UInt8>) throws(PHPSessionCodecError) {
        output.append(contentsOf: bytes)
        guard output.count <= limits.maximumBytes else {
            throw PHPSessionCodecError(.tooLarge, "the output is longer than maximumBytes")
        }
    }

    mutating func append(_ text: String) throws(PHPSessionCodecError) { try append(text.utf8) }

    /// Writes one value.
    mutating func encode(_ root: ValueGraph.Node) throws(PHPSessionCodecError) {
        let depth = frames.count
        try write(root)
        while frames.count > depth {
            let last = frames.count - 1
            let position = frames[last].position
            guard position < frames[last].entries.count else {
                openArrays.close(frames.removeLast().way)
                try append("}")
                continue
            }
            frames[last].position += 1
            let entry = frames[last].entries[position]
            try writeKey(entry.key)
            try write(entry.node)
        }
    }

    mutating func writeKey(_ key: PHPKey) throws(PHPSessionCodecError) {
        switch key {
        case .int(let number): try append("i:\(number);")
        case .string(let name): try writeString(name)
        }
    }

    private mutating func writeString(_ string: PHPString) throws(PHPSessionCodecError) {
        try append("s:\(string.bytes.count):\"")
        try append(string.bytes)
        try append("\";")
    }

    private mutating func write(_ node: ValueGraph.Node) throws(PHPSessionCodecError) {
        try budget.spend()
        switch node {
        case .reference(let index): try writeReference(index)
        case .object(let index): try writeObject(index)
        case .null, .bool, .int, .float, .string, .array:
            slotCount += 1
            try writePlain(node)
        }
    }

    private mutating func writeReference(_ index: Int) throws(PHPSessionCodecError) {
        if let slot = referenceSlots[index] { return try append("R:\(slot);") }
        let isRepeated = referenceCounts[index] > 1
        if isRepeated { referenceSlots[index] = slotCount + 1 }
        let target = graph.references[index]
        if case .object(let object) = target { return try writeObject(object) }
        slotCount += 1
        try writePlain(target, isReference: isRepeated)
    }

    private mutating func writePlain(
        _ node: ValueGraph.Node,
        isReference: Bool = false
    ) throws(PHPSessionCodecError) {
        switch node {
        case .null, .reference, .object: try append("N;")
        case .bool(let value): try append(value ? "b:1;" : "b:0;")
        case .int(let value): try append("i:\(value);")
        case .float(let value): try append("d:\(value.text);")
        case .string(let value): try writeString(value)
        case .array(let index):
            let members = graph.arrays[index].members
            try append("a:\(members.count):{")
            if members.count == 0 { return try append("}") }
            let array = graph.arrays[index].isShared ? index : nil
            try open(members, array: array, isBarrier: isReference)
        }
    }

    private mutating func writeObject(_ index: Int) throws(PHPSessionCodecError) {
        slotCount += 1
        if let slot = objectSlots[index] { return try append("r:\(slot);") }
        objectSlots[index] = slotCount
        let cell = graph.objects[index]
        guard cell.form.accepts(cell.className) else {
            throw PHPSessionCodecError(.notRepresentable, "PHP does not accept the name of a class")
        }
        switch cell.form {
        case .properties, .serialized:
            try writeClassName("O", cell.className)
            try append("\(cell.members.count):{")
            try open(cell.members, isBarrier: true)
        case .serializable(let payload):
            try writeClassName("C", cell.className)
            try append("\(payload.bytes.count):{")
            try append(payload.bytes)
            try append("}")
        case .enumCase(let name):
            try append("E:\(cell.className.bytes.count + 1 + name.bytes.count):\"")
            try append(cell.className.bytes)
            try append(":")
            try append(name.bytes)
            try append("\";")
        }
    }

    private mutating func writeClassName(
        _ tag: String,
        _ className: PHPString
    ) throws(PHPSessionCodecError) {
        try append("\(tag):\(className.bytes.count):\"")
        try append(className.bytes)
        try append("\":")
    }

    private mutating func open(
        _ members: KeyedNodes,
        array: Int? = nil,
        isBarrier: Bool
    ) throws(PHPSessionCodecError) {
        guard outerDepth + frames.count < limits.maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, "PHP reads no deeper than this when it unserializes")
        }
        let way = try openArrays.open(array, isBarrier: isBarrier, around: frames.last?.way)
        frames.append(Frame(entries: members.entries, way: way))
    }
}
