/// Writes what PHP's msgpack extension reads back as the same value.
///
/// That is what the extension itself writes, with one difference: behind a repeated reference the extension numbers
/// containers otherwise than it does when it reads, so that its own later references go astray. The numbers here are
/// those of the reader. References to scalars are written as their values, as the extension does.
struct MessagePackEncoder {
    private let graph: ValueGraph
    private let limits: PHPSessionLimits
    private let maximumDepth: Int
    private var budget: ValueBudget
    private var output: [UInt8] = []
    private var objects: [Int: Int] = [:]
    private var references: [Int: Int] = [:]
    private var containerCount = 0
    private var frames: [Frame] = []

    /// How deeply the extension nests when it reads (MSGPACK_EMBED_STACK_SIZE).
    private static let readerDepth = 1_024

    private var openArrays = OpenArrays()

    private struct Frame {
        let entries: [KeyedNodes.Entry]
        let way: OpenArrays.Way
        let hasKeys: Bool
        /// Whether keys are names of properties, which are strings.
        let isObject: Bool
        /// How many containers are open for the reader, this one included.
        let level: Int
        var position = 0
    }

    init(_ graph: ValueGraph, limits: PHPSessionLimits) {
        self.graph = graph
        self.limits = limits
        maximumDepth = min(limits.maximumDepth, Self.readerDepth)
        budget = ValueBudget(limits)
    }

    /// A session: the array of variables, which is a PHP reference for the extension, unless it is empty.
    mutating func encodeSession(_ root: ValueGraph.Node) throws(PHPSessionCodecError) -> [UInt8] {
        guard case .array(let index) = graph.resolved(root) else { return try encode(root) }
        if case .reference(let reference) = root { references[reference] = 1 }
        try budget.spend()
        try writeArray(index, isReference: true)
        return try finish()
    }

    /// One value.
    mutating func encode(_ root: ValueGraph.Node) throws(PHPSessionCodecError) -> [UInt8] {
        try write(root)
        return try finish()
    }

    private mutating func finish() throws(PHPSessionCodecError) -> [UInt8] {
        while let frame = frames.last {
            guard frame.position < frame.entries.count else {
                openArrays.close(frames.removeLast().way)
                continue
            }
            frames[frames.count - 1].position += 1
            let entry = frame.entries[frame.position]
            if frame.hasKeys {
                switch entry.key {
                case .int where frame.isObject: try writeString(entry.key.name)
                case .int(let number): try writeInteger(number)
                case .string(let name): try writeString(name)
                }
            }
            try write(entry.node)
        }
        return output
    }

    mutating func append(_ bytes: some Sequence<UInt8>) throws(PHPSessionCodecError) {
        output.append(contentsOf: bytes)
        guard output.count <= limits.maximumBytes else {
            throw PHPSessionCodecError(.tooLarge, "the output is longer than maximumBytes")
        }
    }

    private mutating func write(_ node: ValueGraph.Node) throws(PHPSessionCodecError) {
        try budget.spend()
        switch node {
        case .null: try append([MessagePackType.nil])
        case .bool(let value): try append([value ? MessagePackType.true : MessagePackType.false])
        case .int(let value): try writeInteger(value)
        case .float(let value): try append([MessagePackType.float64] + bigEndian(value.value.bitPattern, 8))
        case .string(let value): try writeString(value)
        case .array(let index): try writeArray(index, isReference: false)
        case .object(let index): try writeObject(index, isReference: false)
        case .reference(let index): try writeReference(index)
        }
    }

    private mutating func writeReference(_ index: Int) throws(PHPSessionCodecError) {
        switch graph.references[index] {
        case .array(let array):
            if let number = references[index] { return try writeBackReference(.sameArray, number) }
            references[index] = containerCount + 1
            try writeArray(array, isReference: true)
        case .object(let object):
            try writeObject(object, isReference: true)
        case let scalar:
            try write(scalar)
        }
    }

    private mutating func writeArray(_ index: Int, isReference: Bool) throws(PHPSessionCodecError) {
        let members = graph.arrays[index].members
        containerCount += 1
        if members.count == 0 { return try writeCount(MessagePackType.fixedArray, MessagePackType.array, 0) }
        if isReference {
            try writeCount(MessagePackType.fixedMap, MessagePackType.map, members.count + 1)
            try writeMarker(.reference)
            return try open(members, hasKeys: true, array: index, isBarrier: true)
        }
        if members.isList {
            try writeCount(MessagePackType.fixedArray, MessagePackType.array, members.count)
        } else {
            try writeCount(MessagePackType.fixedMap, MessagePackType.map, members.count)
        }
        try open(members, hasKeys: !members.isList, array: index, isBarrier: false)
    }

    private mutating func writeObject(_ index: Int, isReference: Bool) throws(PHPSessionCodecError) {
        if let number = objects[index] {
            return try writeBackReference(isReference ? .sameObjectReference : .sameObject, number)
        }
        containerCount += 1
        objects[index] = containerCount
        let cell = graph.objects[index]
        switch cell.form {
        case .enumCase:
            throw PHPSessionCodecError(.notRepresentable, "PHP's msgpack extension cannot read enumerations back")
        case .serializable(let payload):
            try writeCount(MessagePackType.fixedMap, MessagePackType.map, 2)
            try writeMarker(.serializable)
            try writeString(cell.className)
            try writeString(payload)
        case .properties where cell.isStandardClass || !cell.members.entries.contains(where: \.key.isInteger):
            let extra = isReference ? 2 : 1
            try writeCount(MessagePackType.fixedMap, MessagePackType.map, cell.members.count + extra)
            if isReference { try writeMarker(.reference) }
            try append([MessagePackType.nil])
            try writeString(cell.className)
            try open(cell.members, hasKeys: true, isBarrier: true, isObject: true)
        case .properties, .serialized:
            // Integer keys come from __serialize, which the extension marks by another nil.
            try writeCount(MessagePackType.fixedMap, MessagePackType.map, 2)
            try append([MessagePackType.nil])
            try writeString(cell.className)
            try append([MessagePackType.nil])
            containerCount += 1
            let isList = cell.members.isList
            let fixed = isList ? MessagePackType.fixedArray : MessagePackType.fixedMap
            try writeCount(fixed, isList ? MessagePackType.array : MessagePackType.map, cell.members.count)
            try open(cell.members, hasKeys: !isList, isBarrier: true, levels: 2)
        }
    }

    private mutating func writeBackReference(
        _ marker: MessagePackMarker,
        _ number: Int
    ) throws(PHPSessionCodecError) {
        containerCount += 1
        try writeCount(MessagePackType.fixedMap, MessagePackType.map, 2)
        try writeMarker(marker)
        try writeInteger(0)
        try writeInteger(number)
    }

    private mutating func writeMarker(_ marker: MessagePackMarker) throws(PHPSessionCodecError) {
        try append([MessagePackType.nil, UInt8(truncatingIfNeeded: marker.rawValue)])
    }

    private mutating func open(
        _ members: KeyedNodes,
        hasKeys: Bool,
        array: Int? = nil,
        isBarrier: Bool,
        isObject: Bool = false,
        levels: Int = 1
    ) throws(PHPSessionCodecError) {
        let level = (frames.last?.level ?? 0) + levels
        guard level <= maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, "PHP's msgpack extension reads no deeper than this")
        }
        let shared = array.flatMap { graph.arrays[$0].isShared ? $0 : nil }
        let way = try openArrays.open(shared, isBarrier: isBarrier, around: frames.last?.way)
        frames.append(Frame(entries: members.entries, way: way, hasKeys: hasKeys, isObject: isObject, level: level))
    }
}
