extension PHPSession {
    /// Reads a session.
    ///
    /// No byte at all is an empty session, in every format. Integer names in `igbinary` and `msgpack` sessions are
    /// left out, as PHP leaves them out when it reads.
    ///
    /// - Parameters:
    ///   - bytes: What the session handler stored.
    ///   - format: The format it is in.
    ///   - limits: How large it may be.
    /// - Throws: ``PHPSessionCodecError`` with the offset at which the bytes are wrong. Bytes that cannot be read must
    ///   not be overwritten: PHP itself destroys such a session and logs its user out.
    public init(
        decoding bytes: some Sequence<UInt8>,
        format: PHPSessionFormat,
        limits: PHPSessionLimits = .standard
    ) throws(PHPSessionCodecError) {
        self.init(format: format, limits: limits)
        let bytes = Array(bytes)
        source = Source(bytes: bytes)
        if bytes.isEmpty { return }
        switch format {
        case .php: try readVariables(bytes) { (cursor) throws(PHPSessionCodecError) in try cursor.readNameUpToBar() }
        case .phpBinary:
            try readVariables(bytes) { (cursor) throws(PHPSessionCodecError) in try cursor.readCountedName() }
        case .phpSerialize: try readArray(bytes)
        case .igbinary:
            var decoder = try IgbinaryDecoder(bytes, limits: limits)
            let decoded = try decoder.decode(allowsTrailingBytes: true)
            switch decoded.node {
            case .null, .reference: throw Self.noSession
            default: break
            }
            try adopt(decoded)
        case .msgpack:
            var decoder = try MessagePackDecoder(bytes, limits: limits)
            try adopt(try decoder.decode())
        }
    }

    private mutating func readVariables(
        _ bytes: [UInt8],
        readName: (inout ByteCursor) throws(PHPSessionCodecError) -> PHPString
    ) throws(PHPSessionCodecError) {
        var decoder = try SerializeDecoder(bytes, limits: limits, isRecording: true)
        var members = KeyedNodes()
        var variableOfMember: [Int] = []
        var names: [PHPString] = []
        while !decoder.cursor.isAtEnd {
            decoder.beginVariable(at: decoder.cursor.offset)
            names.append(try readName(&decoder.cursor))
            decoder.beginValue()
            try decoder.readRoot()
            decoder.endVariable()
        }
        var graph = decoder.rooted.graph
        source?.provenance = decoder.recorder.finish(graph, byteCount: bytes.count, slotCount: decoder.slotCount)
        for (variable, name) in names.enumerated() {
            // A name that comes twice has its last value at its first place.
            let position = members.place(.string(name))
            members[position] = decoder.rooted.roots[variable]
            if position == variableOfMember.count { variableOfMember.append(-1) }
            variableOfMember[position] = variable
        }
        source?.variableOfMember = variableOfMember
        let root = graph.addArray()
        graph.arrays[root].members = members
        value = PHPValue(graph, .array(root))
    }

    private mutating func readArray(_ bytes: [UInt8]) throws(PHPSessionCodecError) {
        var decoder = try SerializeDecoder(bytes, limits: limits, isRecording: true)
        try decoder.readRoot(recordsMembers: true)
        let graph = decoder.rooted.graph
        let root = decoder.rooted[.root(0)]
        if case .null = root { return }
        value = PHPValue(graph, root)
        guard case .array(let index) = graph.resolved(root) else { return }
        let provenance = decoder.recorder.finish(graph, byteCount: bytes.count, slotCount: decoder.slotCount)
        // Where a key comes twice, members and variables do not go side by side: all is written anew then.
        guard let provenance, provenance.variables.count == graph.arrays[index].members.count else { return }
        source?.provenance = provenance
        source?.variableOfMember = Array(provenance.variables.indices)
    }

    private static let noSession = PHPSessionCodecError(
        .notASession,
        at: 0,
        "the root is neither an array nor an object"
    )

    /// Takes a value as the session, in the formats that store it as one value.
    private mutating func adopt(_ decoded: PHPValue) throws(PHPSessionCodecError) {
        var graph = decoded.graph
        let members: KeyedNodes
        switch graph.resolved(decoded.node) {
        case .null: return
        case .array(let index): members = graph.arrays[index].members
        case .object(let index): members = graph.objects[index].members
        case .bool, .int, .float, .string, .reference:
            throw Self.noSession
        }
        if case .array = graph.resolved(decoded.node), !members.entries.contains(where: \.key.isInteger) {
            value = decoded
            return
        }
        let root = graph.addArray()
        for entry in members.entries where !entry.key.isInteger {
            graph.arrays[root].members.append(entry.key, entry.node)
        }
        value = PHPValue(graph, .array(root))
    }
}

extension PHPKey {
    var isInteger: Bool {
        if case .int = self { true } else { false }
    }
}

extension ByteCursor {
    /// The name in front of `|`, which may be empty.
    mutating func readNameUpToBar() throws(PHPSessionCodecError) -> PHPString {
        guard let bar = bytes[offset...].firstIndex(of: UInt8(ascii: "|")) else {
            throw malformed("expected a name with '|' behind it")
        }
        let name = try readString(bar - offset)
        _ = try readByte()
        return name
    }

    /// The name behind a length byte, whose highest bit PHP ignores.
    mutating func readCountedName() throws(PHPSessionCodecError) -> PHPString {
        let count = Int(try readByte() & 0x7f)
        return try readString(count)
    }
}
