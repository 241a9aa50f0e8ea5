extension PHPSession {
    /// The bytes to store, in the format the session has.
    ///
    /// A session that was read and not changed gives the bytes it was read from.
    ///
    /// - Returns: The bytes; none for an empty session in the formats `php` and `php_binary`.
    /// - Throws: ``PHPSessionCodecError`` where PHP would drop a variable or could not read the session:
    ///   ``PHPSessionCodecError/Code/refusedName`` for names with `|` in `php`, names over 127 bytes in `php_binary` and
    ///   integer names in all formats but `php_serialize`; ``PHPSessionCodecError/Code/notRepresentable`` and
    ///   ``PHPSessionCodecError/Code/tooDeep`` for values.
    public func encoded() throws(PHPSessionCodecError) -> [UInt8] { try encoded(as: format) }

    /// The bytes to store in another format.
    ///
    /// - Parameter format: The format.
    /// - Returns: The bytes.
    /// - Throws: ``PHPSessionCodecError``, see ``encoded()``.
    public func encoded(as format: PHPSessionFormat) throws(PHPSessionCodecError) -> [UInt8] {
        if format == self.format, let source, !source.isChanged { return source.bytes }
        let root = value.graph.resolved(value.node)
        guard case .array(let index) = root else {
            guard format == .phpSerialize else {
                throw PHPSessionCodecError(.notRepresentable, "only php_serialize can store a root that is no array")
            }
            var encoder = SerializeEncoder(value.graph, root: value.node, limits: limits)
            try encoder.encode(value.node)
            return encoder.output
        }
        let members = value.graph.arrays[index].members
        for entry in members.entries { try format.check(entry.key) }
        switch format {
        case .php, .phpBinary, .phpSerialize:
            return try encodedAsText(members, format)
        case .igbinary:
            var encoder = IgbinaryEncoder(value.graph, limits: limits)
            return try encoder.encode(root)
        case .msgpack:
            var encoder = MessagePackEncoder(value.graph, limits: limits)
            return try encoder.encodeSession(value.node)
        }
    }

    private func encodedAsText(
        _ members: KeyedNodes,
        _ format: PHPSessionFormat
    ) throws(PHPSessionCodecError) -> [UInt8] {
        var encoder = SerializeEncoder(value.graph, root: value.node, limits: limits)
        var unchanged = format == self.format ? UnchangedVariables(source) : nil
        if format == .phpSerialize {
            encoder.outerDepth = 1
            encoder.takeSlots(1)
            if case .reference(let reference) = value.node { encoder.setSlot(1, ofReference: reference) }
            try encoder.append("a:\(members.count):{")
        }
        for (position, entry) in members.entries.enumerated() {
            if try unchanged?.append(member: position, to: &encoder) == true { continue }
            try format.append(name: entry.key, to: &encoder)
            try encoder.encode(entry.node)
        }
        if format == .phpSerialize { try encoder.append("}") }
        return encoder.output
    }
}

extension PHPSessionFormat {
    /// Refuses names that PHP's own handler would drop, or that would make PHP delete the session.
    fileprivate func check(_ name: PHPKey) throws(PHPSessionCodecError) {
        switch (self, name) {
        case (.phpSerialize, _):
            return
        case (_, .int):
            throw PHPSessionCodecError(.refusedName, "PHP drops variables with integer names in this format")
        case (.php, .string(let name)) where name.bytes.contains(UInt8(ascii: "|")):
            throw PHPSessionCodecError(.refusedName, "PHP stores an empty session when a name holds '|'")
        case (.phpBinary, .string(let name)) where name.bytes.count > 127:
            throw PHPSessionCodecError(.refusedName, "PHP drops variables with names over 127 bytes in this format")
        case (.msgpack, .string(let name)) where name.canonicalInteger != nil:
            throw PHPSessionCodecError(.refusedName, "PHP reads this name as an integer and drops the variable")
        case (_, .string):
            return
        }
    }

    fileprivate func append(name: PHPKey, to encoder: inout SerializeEncoder) throws(PHPSessionCodecError) {
        switch self {
        case .phpSerialize:
            try encoder.writeKey(name)
        case .phpBinary:
            try encoder.append([UInt8(truncatingIfNeeded: name.name.bytes.count)])
            try encoder.append(name.name.bytes)
        case .php, .igbinary, .msgpack:
            try encoder.append(name.name.bytes)
            try encoder.append("|")
        }
    }
}
