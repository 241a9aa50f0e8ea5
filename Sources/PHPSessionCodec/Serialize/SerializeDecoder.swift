/// Reads what PHP's serialize() writes.
///
/// The grammar is that of PHP 8.2 (ext/standard/var_unserializer.re). Every value but `R:` takes a slot, numbered from
/// 1 in reading order across all values read by one decoder; `R:` and `r:` point to slots. A slot is a place, not a
/// value: where a repeated key overwrites a member, both slots mean that member.
///
/// Open containers stand on a list of frames, not on the stack.
struct SerializeDecoder {
    var cursor: ByteCursor
    private(set) var rooted = RootedGraph()
    private(set) var recorder: ProvenanceRecorder
    private var frames: [Frame] = []
    private var slots: [Location] = []
    private var enumCases: [PHPEnumCase: Int] = [:]
    private var budget: ValueBudget
    private let maximumDepth: Int

    private struct Frame {
        let container: Container
        var remaining: Int
    }

    init(_ bytes: [UInt8], limits: PHPSessionLimits, isRecording: Bool) throws(PHPSessionCodecError) {
        cursor = try ByteCursor(bytes, limits: limits)
        budget = ValueBudget(limits)
        maximumDepth = limits.maximumDepth
        recorder = ProvenanceRecorder(isRecording: isRecording)
    }

    /// The number of slots taken so far.
    var slotCount: Int { slots.count }

    /// Reads one value into a new root.
    ///
    /// - Parameter recordsMembers: Whether each member of the value is a variable of the session.
    /// - Throws: ``PHPSessionCodecError`` with the offset of what is malformed.
    mutating func readRoot(recordsMembers: Bool = false) throws(PHPSessionCodecError) {
        rooted.roots.append(.null)
        try readNode(into: .root(rooted.roots.count - 1))
        while let frame = frames.last {
            let isVariable = recordsMembers && frames.count == 1
            if isVariable { recorder.endVariable(at: cursor.offset) }
            if frame.remaining == 0 {
                try cursor.expect(UInt8(ascii: "}"), "expected '}' behind the last member")
                frames.removeLast()
                continue
            }
            frames[frames.count - 1].remaining -= 1
            if isVariable { beginVariable(at: cursor.offset) }
            let location = rooted.place(try readKey(into: frame.container), in: frame.container)
            if isVariable { recorder.beginValue(at: cursor.offset) }
            try readNode(into: location)
        }
    }

    /// Notes that a variable of the session starts here with its name.
    mutating func beginVariable(at offset: Int) {
        recorder.beginVariable(
            at: offset,
            slot: slots.count + 1,
            array: rooted.graph.arrays.count,
            object: rooted.graph.objects.count
        )
    }

    mutating func beginValue() { recorder.beginValue(at: cursor.offset) }

    mutating func endVariable() { recorder.endVariable(at: cursor.offset) }

    private mutating func readKey(into container: Container) throws(PHPSessionCodecError) -> PHPKey {
        guard let type = cursor.next else { throw cursor.endOfInput() }
        switch type {
        case UInt8(ascii: "i"):
            return .int(try readTaggedInteger())
        case UInt8(ascii: "s"), UInt8(ascii: "S"):
            let key = PHPKey.string(try readTaggedString(isEscaped: type == UInt8(ascii: "S")))
            if case .array = container { return key.normalized }
            return key
        case UInt8(ascii: "}"):
            throw cursor.malformed("expected a key, fewer members than declared")
        default:
            throw cursor.malformed("expected an integer or a string as key")
        }
    }

    private mutating func readNode(into location: Location) throws(PHPSessionCodecError) {
        guard let type = cursor.next else { throw cursor.endOfInput() }
        try budget.spend(at: cursor.offset)
        if type == UInt8(ascii: "R") { return try readReference(into: location) }
        slots.append(location)
        switch type {
        case UInt8(ascii: "N"):
            _ = try cursor.readByte()
            try cursor.expect(UInt8(ascii: ";"), "expected ';' behind null")
        case UInt8(ascii: "b"): rooted[location] = .bool(try readBool())
        case UInt8(ascii: "i"): rooted[location] = .int(try readTaggedInteger())
        case UInt8(ascii: "d"): rooted[location] = .float(try readTaggedFloat())
        case UInt8(ascii: "s"): rooted[location] = .string(try readTaggedString(isEscaped: false))
        case UInt8(ascii: "S"): rooted[location] = .string(try readTaggedString(isEscaped: true))
        case UInt8(ascii: "a"): try readArray(into: location)
        case UInt8(ascii: "O"): try readObject(into: location)
        case UInt8(ascii: "C"): try readSerializable(into: location)
        case UInt8(ascii: "E"): try readEnumCase(into: location)
        case UInt8(ascii: "r"): try readObjectReference(into: location)
        case UInt8(ascii: "}"): throw cursor.malformed("expected a value, fewer members than declared")
        default: throw cursor.malformed("unknown type of value")
        }
    }

    private mutating func readArray(into location: Location) throws(PHPSessionCodecError) {
        try readTag()
        let count = try cursor.readLength()
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the number of members")
        try cursor.expect(UInt8(ascii: "{"), "expected '{' in front of the members")
        let index = rooted.graph.addArray()
        rooted[location] = .array(index)
        // PHP counts an empty array as no level.
        if count == 0 { return try cursor.expect(UInt8(ascii: "}"), "expected '}' of an empty array") }
        try open(.array(index), count)
    }

    private mutating func readObject(into location: Location) throws(PHPSessionCodecError) {
        let className = try readClassName()
        let count = try cursor.readInteger(needsDigits: false)
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the number of properties")
        try cursor.expect(UInt8(ascii: "{"), "expected '{' in front of the properties")
        let index = addObject(className, .properties)
        rooted[location] = .object(index)
        try open(.object(index), count)
    }

    private mutating func open(_ container: Container, _ count: Int) throws(PHPSessionCodecError) {
        // A member takes two bytes at least, so nothing is reserved for members that cannot be there.
        guard count >= 0, count <= cursor.remaining / 2 else {
            throw cursor.malformed("more members declared than there is data")
        }
        guard frames.count < maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, at: cursor.offset, "containers nested deeper than maximumDepth")
        }
        frames.append(Frame(container: container, remaining: count))
    }

    private mutating func readSerializable(into location: Location) throws(PHPSessionCodecError) {
        let className = try readClassName()
        let count = try cursor.readInteger(needsDigits: false)
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the length of the payload")
        try cursor.expect(UInt8(ascii: "{"), "expected '{' in front of the payload")
        guard count >= 0 else { throw cursor.malformed("the length of the payload is negative") }
        let payload = try cursor.readString(count)
        try cursor.expect(UInt8(ascii: "}"), "expected '}' behind the payload")
        rooted[location] = .object(addObject(className, .serializable(payload)))
    }

    private mutating func readEnumCase(into location: Location) throws(PHPSessionCodecError) {
        let start = cursor.offset
        let text = try readTaggedString(isEscaped: false).bytes
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else {
            throw PHPSessionCodecError(.malformed, at: start, "expected ':' between enumeration and case")
        }
        let className = PHPString(bytes: text[..<colon])
        let name = PHPString(bytes: text[(colon + 1)...])
        guard className.isEnumerationName, !name.bytes.isEmpty else {
            throw PHPSessionCodecError(.malformed, at: start, "expected the names of an enumeration and a case")
        }
        let enumCase = PHPEnumCase(className: className, name: name)
        let index = enumCases[enumCase] ?? addObject(className, .enumCase(name))
        enumCases[enumCase] = index
        rooted[location] = .object(index)
    }

    private mutating func addObject(_ className: PHPString, _ form: ValueGraph.ObjectForm) -> Int {
        recorder.addObject(slot: slots.count)
        return rooted.graph.addObject(className, form)
    }

    private mutating func readReference(into location: Location) throws(PHPSessionCodecError) {
        let (slot, target) = try readSlot()
        guard target != location else { throw cursor.malformed("a reference to itself") }
        if case .reference(let index) = rooted[target] {
            rooted[location] = .reference(index)
            recorder.addBackReference(.reference(index), slot: slot)
            return
        }
        let index = rooted.graph.addReference(to: rooted[target])
        rooted[target] = .reference(index)
        rooted[location] = .reference(index)
        recorder.addReference(slot: slot)
        recorder.addBackReference(.reference(index), slot: slot)
    }

    private mutating func readObjectReference(into location: Location) throws(PHPSessionCodecError) {
        let (slot, target) = try readSlot()
        guard target != location, case .object(let index) = rooted.graph.resolved(rooted[target]) else {
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "'r:' points to something that is no object")
        }
        rooted[location] = .object(index)
        recorder.addBackReference(.object(index), slot: slot)
    }

    private mutating func readSlot() throws(PHPSessionCodecError) -> (number: Int, location: Location) {
        try readTag()
        let number = try cursor.readLength()
        try cursor.expect(UInt8(ascii: ";"), "expected ';' behind the number of the slot")
        guard number > 0, number <= slots.count else {
            throw PHPSessionCodecError(.badReference, at: cursor.offset, "no value has the number of this reference")
        }
        return (number, slots[number - 1])
    }
}
