extension PHPValue {
    /// Creates an object of a class by name.
    ///
    /// PHP makes a living object of it when it reads the session: constructors do not run, but `__unserialize`,
    /// `__wakeup` and `__destruct` do. A class name or property that a client can choose is object injection, which
    /// has been used to run code. That is why no other way leads here, and why the name says so.
    ///
    /// - Parameters:
    ///   - className: The name of the class, with its namespace and without a leading backslash.
    ///   - properties: The properties in order. A name that is given twice has the last value.
    /// - Returns: The object.
    /// - Throws: ``PHPSessionCodecError/Code/notRepresentable`` where PHP would refuse the class name.
    public static func unsafeObject(
        _ className: PHPString,
        properties: [PHPProperty]
    ) throws(PHPSessionCodecError) -> PHPValue {
        var rooted = try emptyObject(className, .properties)
        for property in properties {
            let node = rooted.graph.copy(property.value.graph.resolved(property.value.node), from: property.value.graph)
            rooted[rooted.place(.string(property.writtenName), in: .object(0))] = node
        }
        return PHPValue(rooted.graph, .object(0))
    }

    /// Creates an object of a class that implements PHP's interface for payloads of its own.
    ///
    /// See ``unsafeObject(_:properties:)``.
    ///
    /// - Parameters:
    ///   - className: The name of the class.
    ///   - payload: What the class's `unserialize` gets.
    /// - Returns: The object.
    /// - Throws: ``PHPSessionCodecError/Code/notRepresentable`` where PHP would refuse the class name.
    public static func unsafeSerializable(
        _ className: PHPString,
        payload: PHPString
    ) throws(PHPSessionCodecError) -> PHPValue {
        PHPValue(try emptyObject(className, .serializable(payload)).graph, .object(0))
    }

    /// Creates a case of an enumeration.
    ///
    /// PHP refuses the whole session where it knows no such case.
    ///
    /// - Parameters:
    ///   - className: The name of the enumeration.
    ///   - name: The name of the case.
    /// - Returns: The case.
    /// - Throws: ``PHPSessionCodecError/Code/notRepresentable`` where PHP would refuse the names.
    public static func unsafeEnumCase(
        _ className: PHPString,
        _ name: PHPString
    ) throws(PHPSessionCodecError) -> PHPValue {
        guard !name.bytes.isEmpty else {
            throw PHPSessionCodecError(.notRepresentable, "a case of an enumeration has a name")
        }
        return PHPValue(try emptyObject(className, .enumCase(name)).graph, .object(0))
    }

    private static func emptyObject(
        _ className: PHPString,
        _ form: ValueGraph.ObjectForm
    ) throws(PHPSessionCodecError) -> RootedGraph {
        guard form.accepts(className) else {
            throw PHPSessionCodecError(.notRepresentable, "PHP does not accept this as the name of a class")
        }
        var rooted = RootedGraph()
        _ = rooted.graph.addObject(className, form)
        return rooted
    }
}
