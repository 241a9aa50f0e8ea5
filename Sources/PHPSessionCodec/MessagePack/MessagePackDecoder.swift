/// Reads what PHP's msgpack extension writes (msgpack 2.2), and plain MessagePack.
///
/// The extension says what MessagePack cannot by pairs with the key nil at the front of a map, see
/// ``MessagePackMarker``; a string there is the name of a class. Arrays and maps are numbered from 1 as they begin,
/// those that only name another one included: that is how the extension counts when it reads, and what it writes
/// differs from that behind the first repeated reference.
///
/// Bytes that the extension would silently take for an empty session are errors here.
struct MessagePackDecoder {
    var cursor: ByteCursor
    private var rooted = RootedGraph(roots: [.null])
    private var containers: [ValueGraph.Node] = []
    private var frames: [Frame] = []
    private var budget: ValueBudget
    private let maximumDepth: Int

    private struct Frame {
        let container: Container
        let isMap: Bool
        var remaining: Int
    }

    init(_ bytes: [UInt8], limits: PHPSessionLimits) throws(PHPSessionCodecError) {
        cursor = try ByteCursor(bytes, limits: limits)
        budget = ValueBudget(limits)
        maximumDepth = limits.maximumDepth
    }

    /// Reads one value.
    ///
    /// Like the extension, it does not mind bytes behind it.
    mutating func decode() throws(PHPSessionCodecError) -> PHPValue {
        try readNode(into: .root(0))
        while let frame = frames.last {
            guard frame.remaining > 0 else {
                frames.removeLast()
                continue
            }
            frames[frames.count - 1].remaining -= 1
            let key = frame.isMap ? try readKey(into: frame.container) : nextKey(of: frame.container)
            try readNode(into: rooted.place(key, in: frame.container))
        }
        return PHPValue(rooted.graph, rooted[.root(0)])
    }

    private func nextKey(of container: Container) -> PHPKey {
        switch container {
        case .array(let index): .int(rooted.graph.arrays[index].members.count)
        case .object(let index): .int(rooted.graph.objects[index].members.count)
        }
    }

    private mutating func readKey(into container: Container) throws(PHPSessionCodecError) -> PHPKey {
        let start = cursor.offset
        switch try readScalar(try cursor.readByte()) {
        case .int(let number):
            // A property has a name, and what `__serialize` returned is marked.
            return isArray(container) ? .int(number) : .string(PHPKey.int(number).name)
        case .string(let name):
            return isArray(container) ? PHPKey.string(name).normalized : .string(name)
        case .null:
            throw PHPSessionCodecError(.malformed, at: start, "a pair with the key nil behind other pairs")
        default:
            throw PHPSessionCodecError(.malformed, at: start, "expected an integer or a string as key")
        }
    }

    /// Whether keys are those of an array: in one, and in what the `__serialize` of an object returned.
    private func isArray(_ container: Container) -> Bool {
        switch container {
        case .array: true
        case .object(let index): rooted.graph.objects[index].form == .serialized
        }
    }

    private mutating func readNode(into location: Location) throws(PHPSessionCodecError) {
        try budget.spend(at: cursor.offset)
        let type = try cursor.readByte()
        switch type {
        case MessagePackType.fixedArray..<MessagePackType.fixedString:
            try readArray(Int(type & 0x0f), into: location)
        case MessagePackType.array, MessagePackType.array + 1:
            try readArray(try readCount(type - MessagePackType.array), into: location)
        case MessagePackType.fixedMap..<MessagePackType.fixedArray:
            try readMap(Int(type & 0x0f), into: location)
        case MessagePackType.map, MessagePackType.map + 1:
            try readMap(try readCount(type - MessagePackType.map), into: location)
        default:
            rooted[location] = try readScalar(type)
        }
    }

    private mutating func readCount(_ width: UInt8) throws(PHPSessionCodecError) -> Int {
        Int(try cursor.readBigEndian(width == 0 ? 2 : 4))
    }

    private mutating func readArray(_ count: Int, into location: Location) throws(PHPSessionCodecError) {
        let index = rooted.graph.addArray()
        containers.append(.array(index))
        rooted[location] = .array(index)
        try open(.array(index), isMap: false, count)
    }

    private mutating func open(
        _ container: Container,
        isMap: Bool,
        _ count: Int
    ) throws(PHPSessionCodecError) {
        guard count <= cursor.remaining / (isMap ? 2 : 1) else {
            throw PHPSessionCodecError(.unexpectedEnd, at: cursor.offset, "more members declared than there is data")
        }
        guard frames.count <= maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, at: cursor.offset, "containers nested deeper than maximumDepth")
        }
        if count == 0 { return }
        frames.append(Frame(container: container, isMap: isMap, remaining: count))
    }

    /// Reads a map up to its first ordinary pair.
    private mutating func readMap(_ count: Int, into location: Location) throws(PHPSessionCodecError) {
        containers.append(.null)
        let number = containers.count - 1
        if count == 0 {
            // The extension writes an empty array as an array; it reads an empty map as an object.
            return begin(.object(rooted.graph.addObject("stdClass", .properties)), false, number, at: location)
        }
        var remaining = count
        var isReference = false
        while remaining > 0, cursor.next == MessagePackType.nil {
            let start = cursor.offset
            _ = try cursor.readByte()
            remaining -= 1
            switch try readScalar(try cursor.readByte()) {
            case .string(let className):
                return try readObject(className, remaining, isReference, number, into: location)
            case .int(MessagePackMarker.reference.rawValue) where !isReference:
                isReference = true
            case .int(MessagePackMarker.serializable.rawValue) where remaining == 1:
                return try readSerializable(isReference, number, into: location)
            case .int(let code) where remaining == 1:
                let node = try readBackReference(MessagePackMarker(rawValue: code))
                return begin(node, isReference, number, at: location)
            default:
                throw PHPSessionCodecError(.malformed, at: start, "unknown mark of PHP's msgpack extension")
            }
        }
        if remaining == 0 { return begin(.null, isReference, number, at: location) }
        let index = rooted.graph.addArray()
        begin(.array(index), isReference, number, at: location)
        try open(.array(index), isMap: true, remaining)
    }

    private mutating func begin(
        _ node: ValueGraph.Node,
        _ isReference: Bool,
        _ number: Int,
        at location: Location
    ) {
        let held = isReference ? ValueGraph.Node.reference(rooted.graph.addReference(to: node)) : node
        rooted[location] = held
        containers[number] = held
    }

    /// An object behind the name of its class: its properties, or behind another nil what its `__serialize` returned.
    private mutating func readObject(
        _ className: PHPString,
        _ count: Int,
        _ isReference: Bool,
        _ number: Int,
        into location: Location
    ) throws(PHPSessionCodecError) {
        let index = rooted.graph.addObject(className, .properties)
        begin(.object(index), isReference, number, at: location)
        guard count > 0, cursor.next == MessagePackType.nil else {
            return try open(.object(index), isMap: true, count)
        }
        _ = try cursor.readByte()
        guard count == 1 else { throw cursor.malformed("expected one value behind the name of a class") }
        rooted.graph.objects[index].form = .serialized
        let type = try cursor.readByte()
        containers.append(.object(index))
        switch type {
        case MessagePackType.fixedArray..<MessagePackType.fixedString:
            try open(.object(index), isMap: false, Int(type & 0x0f))
        case MessagePackType.array, MessagePackType.array + 1:
            try open(.object(index), isMap: false, try readCount(type - MessagePackType.array))
        case MessagePackType.fixedMap..<MessagePackType.fixedArray:
            try open(.object(index), isMap: true, Int(type & 0x0f))
        case MessagePackType.map, MessagePackType.map + 1:
            try open(.object(index), isMap: true, try readCount(type - MessagePackType.map))
        default:
            throw cursor.malformed("expected an array as the content of an object")
        }
    }

    private mutating func readSerializable(
        _ isReference: Bool,
        _ number: Int,
        into location: Location
    ) throws(PHPSessionCodecError) {
        guard case .string(let className) = try readScalar(try cursor.readByte()),
            case .string(let payload) = try readScalar(try cursor.readByte())
        else { throw cursor.malformed("expected the name of a class and its text") }
        let index = rooted.graph.addObject(className, .serializable(payload))
        begin(.object(index), isReference, number, at: location)
    }

    /// The array or object that has a number, with the PHP reference it may be.
    ///
    /// The extension does not mind whether the mark goes with an array or an object: behind a repeated reference its own
    /// numbers lead to other values than those that were written. One mark makes the place that it stands at a reference,
    /// which places behind it may share.
    private mutating func readBackReference(
        _ marker: MessagePackMarker?
    ) throws(PHPSessionCodecError) -> ValueGraph.Node {
        guard let marker, marker.namesContainer, case .int = try readScalar(try cursor.readByte()),
            case .int(let number) = try readScalar(try cursor.readByte())
        else { throw cursor.malformed("expected the number of a value that came before") }
        guard number > 0, number < containers.count else {
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "no value has the number of this reference")
        }
        let target = containers[number - 1]
        switch rooted.graph.resolved(target) {
        case .object: break
        case .array(let index):
            if case .array = target { rooted.graph.arrays[index].isShared = true }
        default:
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "a reference to the wrong type of value")
        }
        guard marker == .sameObjectReference else { return target }
        return .reference(rooted.graph.addReference(to: target))
    }
}
