/// Reads what the igbinary extension writes (igbinary 3.2, format versions 1 and 2).
///
/// Strings are numbered as they come, and so are arrays, objects and references; later ones name a number instead of
/// repeating a value. An array named again is a copy that PHP shares until it is written to; behind a reference mark
/// it is a PHP reference. Open containers stand on a list of frames, not on the stack.
struct IgbinaryDecoder {
    private var cursor: ByteCursor
    private var rooted = RootedGraph(roots: [.null])
    private var strings: [PHPString] = []
    private var table: [ValueGraph.Node] = []
    private var frames: [Frame] = []
    private var enumCases: [PHPEnumCase: Int] = [:]
    private var budget: ValueBudget
    private let maximumDepth: Int

    private struct Frame {
        let container: Container
        var remaining: Int
    }

    init(_ bytes: [UInt8], limits: PHPSessionLimits) throws(PHPSessionCodecError) {
        cursor = try ByteCursor(bytes, limits: limits)
        budget = ValueBudget(limits)
        maximumDepth = limits.maximumDepth
    }

    /// Reads the header and the one value behind it.
    ///
    /// - Parameter allowsTrailingBytes: Whether more bytes may follow; the session handler does not mind.
    /// - Returns: The value.
    /// - Throws: ``PHPSessionCodecError`` with the offset of what is malformed.
    mutating func decode(allowsTrailingBytes: Bool) throws(PHPSessionCodecError) -> PHPValue {
        let version = try cursor.readBigEndian(4)
        guard version == 1 || version == 2 else {
            throw PHPSessionCodecError(.malformed, at: 0, "expected igbinary's header with version 1 or 2")
        }
        try readNode(into: .root(0))
        while let frame = frames.last {
            guard frame.remaining > 0 else {
                frames.removeLast()
                continue
            }
            frames[frames.count - 1].remaining -= 1
            guard let key = try readKey() else {
                if case .object(let index) = frame.container {
                    rooted.graph.objects[index].gaps.append(rooted.graph.objects[index].members.count)
                }
                continue
            }
            try readNode(into: place(key, in: frame.container))
        }
        guard allowsTrailingBytes || cursor.isAtEnd else { throw cursor.malformed("bytes behind the value") }
        return PHPValue(rooted.graph, rooted[.root(0)])
    }

    /// The place of a key.
    ///
    /// Unlike serialize(), igbinary leaves a string such as "5" a string in an array.
    private mutating func place(_ key: PHPKey, in container: Container) -> Location {
        rooted.place(key, in: container)
    }

    /// A key, or nil for the mark of a typed property without a value.
    private mutating func readKey() throws(PHPSessionCodecError) -> PHPKey? {
        let type = try cursor.readByte()
        if type == IgbinaryType.null { return nil }
        if type == IgbinaryType.emptyString { return .string("") }
        if let integer = try readInteger(type) { return .int(integer) }
        if let string = try readString(type) { return .string(string) }
        throw cursor.malformed("expected an integer or a string as key")
    }

    private mutating func readNode(into location: Location) throws(PHPSessionCodecError) {
        try budget.spend(at: cursor.offset)
        var type = try cursor.readByte()
        var isReference = false
        while type == IgbinaryType.reference {
            isReference = true
            type = try cursor.readByte()
        }
        if let width = IgbinaryType.width(type, in: IgbinaryType.array) {
            return try readArray(width, isReference, into: location)
        }
        if let className = try readClassName(type) {
            return try readObject(className, isReference, into: location)
        }
        let reference =
            IgbinaryType.width(type, in: IgbinaryType.arrayReference)
            ?? IgbinaryType.width(type, in: IgbinaryType.objectReference)
        if let width = reference {
            rooted[location] = try readBackReference(width, isReference)
            return
        }
        let scalar = try readScalar(type)
        rooted[location] = isReference ? addReference(to: scalar) : scalar
    }

    private mutating func readScalar(_ type: UInt8) throws(PHPSessionCodecError) -> ValueGraph.Node {
        switch type {
        case IgbinaryType.null: return .null
        case IgbinaryType.false: return .bool(false)
        case IgbinaryType.true: return .bool(true)
        case IgbinaryType.emptyString: return .string("")
        case IgbinaryType.double: return .float(PHPFloat(Double(bitPattern: try cursor.readBigEndian(8))))
        default: break
        }
        if let integer = try readInteger(type) { return .int(integer) }
        if let string = try readString(type) { return .string(string) }
        throw cursor.malformed("unknown type of value")
    }

    private mutating func addReference(to node: ValueGraph.Node) -> ValueGraph.Node {
        let reference = ValueGraph.Node.reference(rooted.graph.addReference(to: node))
        table.append(reference)
        return reference
    }

    private mutating func readArray(
        _ width: Int,
        _ isReference: Bool,
        into location: Location
    ) throws(PHPSessionCodecError) {
        let index = rooted.graph.addArray()
        begin(.array(index), isReference, at: location)
        try open(.array(index), width)
    }

    /// Puts a container in its place and gives it a number.
    private mutating func begin(_ node: ValueGraph.Node, _ isReference: Bool, at location: Location) {
        let held = isReference ? ValueGraph.Node.reference(rooted.graph.addReference(to: node)) : node
        rooted[location] = held
        table.append(held)
    }

    private mutating func open(_ container: Container, _ width: Int) throws(PHPSessionCodecError) {
        let count = Int(try cursor.readBigEndian(width))
        if count == 0 { return }
        guard count <= cursor.remaining else { throw cursor.malformed("more members declared than there is data") }
        guard frames.count <= maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, at: cursor.offset, "containers nested deeper than maximumDepth")
        }
        frames.append(Frame(container: container, remaining: count))
    }

    private mutating func readObject(
        _ className: PHPString,
        _ isReference: Bool,
        into location: Location
    ) throws(PHPSessionCodecError) {
        guard !className.isNeverUnserialized else { throw cursor.malformed("a class that PHP does not accept") }
        let type = try cursor.readByte()
        if type == IgbinaryType.enumCase {
            guard let name = try readString(try cursor.readByte()), !name.bytes.isEmpty, className.isEnumerationName
            else {
                throw cursor.malformed("expected the names of an enumeration and a case")
            }
            let enumCase = PHPEnumCase(className: className, name: name)
            let index = enumCases[enumCase] ?? rooted.graph.addObject(className, .enumCase(name))
            enumCases[enumCase] = index
            begin(.object(index), isReference, at: location)
        } else if let width = IgbinaryType.width(type, in: IgbinaryType.serializable) {
            let payload = try cursor.readString(Int(try cursor.readBigEndian(width)))
            let index = rooted.graph.addObject(className, .serializable(payload))
            begin(.object(index), isReference, at: location)
        } else if let width = IgbinaryType.width(type, in: IgbinaryType.array) {
            let index = rooted.graph.addObject(className, .properties)
            begin(.object(index), isReference, at: location)
            try open(.object(index), width)
        } else {
            throw cursor.malformed("unknown type of object")
        }
    }

    /// The value that has a number; behind a reference mark the places become one variable.
    private mutating func readBackReference(
        _ width: Int,
        _ isReference: Bool
    ) throws(PHPSessionCodecError) -> ValueGraph.Node {
        let number = Int(try cursor.readBigEndian(width))
        guard number < table.count else {
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "no value has the number of this reference")
        }
        let named = table[number]
        if case .array(let index) = rooted.graph.resolved(named) { rooted.graph.arrays[index].isShared = true }
        guard isReference else { return rooted.graph.resolved(named) }
        table[number] = .reference(rooted.graph.addReference(to: named))
        return table[number]
    }

    private mutating func readInteger(_ type: UInt8) throws(PHPSessionCodecError) -> Int? {
        guard let form = IgbinaryType.integerForm(type) else { return nil }
        let magnitude = try cursor.readBigEndian(form.width)
        if magnitude <= UInt64(Int.max) { return form.isNegative ? -Int(magnitude) : Int(magnitude) }
        // Like igbinary, which reads an integer that does not fit as 0.
        return form.isNegative && magnitude == UInt64(Int.max) + 1 ? .min : 0
    }

    /// A string, spelled out or by its number; nil for any other type.
    private mutating func readString(_ type: UInt8) throws(PHPSessionCodecError) -> PHPString? {
        if let width = IgbinaryType.width(type, in: IgbinaryType.string) { return try readNewString(width) }
        if type == IgbinaryType.longString { return try readNewString(8) }
        if let width = IgbinaryType.width(type, in: IgbinaryType.stringIdentifier) { return try readKnownString(width) }
        return nil
    }

    private mutating func readClassName(_ type: UInt8) throws(PHPSessionCodecError) -> PHPString? {
        if let width = IgbinaryType.width(type, in: IgbinaryType.object) { return try readNewString(width) }
        if let width = IgbinaryType.width(type, in: IgbinaryType.objectIdentifier) { return try readKnownString(width) }
        return nil
    }

    private mutating func readNewString(_ width: Int) throws(PHPSessionCodecError) -> PHPString {
        guard let count = Int(exactly: try cursor.readBigEndian(width)) else { throw cursor.endOfInput() }
        let string = try cursor.readString(count)
        strings.append(string)
        return string
    }

    private mutating func readKnownString(_ width: Int) throws(PHPSessionCodecError) -> PHPString {
        let number = Int(try cursor.readBigEndian(width))
        guard number < strings.count else {
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "no string has this number")
        }
        return strings[number]
    }
}
