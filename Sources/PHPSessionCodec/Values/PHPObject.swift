/// A PHP object as it was written: its class and its properties, or what stands in their place.
///
/// What the class would make of them is the class's business. A class with `__serialize` writes any keys it likes,
/// one that implements `Serializable` writes a text of its own (``payload``).
public struct PHPObject: Sendable {
    let graph: ValueGraph
    let index: Int

    init(_ graph: ValueGraph, _ index: Int) {
        self.graph = graph
        self.index = index
    }

    private var cell: ValueGraph.ObjectCell { graph.objects[index] }

    /// The name of the class, as it was written.
    public var className: PHPString { cell.className }

    /// What `Serializable::serialize` of the class returned, or nil for an object with properties.
    public var payload: PHPString? {
        if case .serializable(let payload) = cell.form { payload } else { nil }
    }

    /// The properties in order, of every visibility.
    public var properties: [PHPProperty] {
        cell.members.entries.map { PHPProperty(key: $0.key, value: PHPValue(graph, $0.node)) }
    }

    /// The value of the property with this name, nil where there is none.
    ///
    /// A public property comes before a protected one, that before a private one of the object's class, that before a
    /// private one of a parent class.
    ///
    /// - Parameter name: The name without visibility.
    public subscript(name: PHPString) -> PHPValue? {
        cell.position(ofProperty: name).map { PHPValue(graph, cell.members[$0]) }
    }
}

extension ValueGraph.ObjectCell {
    /// Whether this is PHP's own class for objects that are nothing but properties.
    var isStandardClass: Bool { className.isStandardClass }

    /// Whether integer keys are names of properties, as of the elements of a `SplFixedArray`.
    ///
    /// PHP writes the names of properties as strings, so an integer key otherwise is one that `__serialize` returned.
    var hasIndexedProperties: Bool { isStandardClass || className == "SplFixedArray" }

    /// Where the property with this name stands, the most visible one first.
    func position(ofProperty name: PHPString) -> Int? {
        if let position = members.position(matching: .string(name)) { return position }
        if let position = members.position(of: .string(.mangled(name, scope: "*"))) { return position }
        if let position = members.position(of: .string(.mangled(name, scope: className))) { return position }
        return members.entries.firstIndex { entry in
            guard case .private(let property, _) = PropertyName(entry.key) else { return false }
            return property == name
        }
    }
}

/// A case of a PHP enumeration.
///
/// The value of a backed case is not written anywhere, only its name is.
public struct PHPEnumCase: Sendable, Hashable {
    /// The name of the enumeration.
    public let className: PHPString

    /// The name of the case.
    public let name: PHPString
}
