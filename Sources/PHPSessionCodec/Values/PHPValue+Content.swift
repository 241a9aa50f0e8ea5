extension PHPValue {
    /// What a value is, one level deep.
    ///
    /// References are followed.
    public enum Content: Sendable {
        /// PHP's null.
        case null
        /// True or false.
        case bool(Bool)
        /// A 64-bit integer.
        case int(Int)
        /// A float with its text.
        case float(PHPFloat)
        /// A string of bytes.
        case string(PHPString)
        /// An ordered array with integer and string keys.
        case array(PHPArray)
        /// An object.
        case object(PHPObject)
        /// A case of an enumeration.
        case enumCase(PHPEnumCase)
    }

    /// What the value is.
    public var content: Content {
        switch graph.resolved(node) {
        case .null, .reference: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .string(let value): .string(value)
        case .array(let index): .array(PHPArray(graph, index))
        case .object(let index):
            if case .enumCase(let name) = graph.objects[index].form {
                .enumCase(PHPEnumCase(className: graph.objects[index].className, name: name))
            } else {
                .object(PHPObject(graph, index))
            }
        }
    }

    /// Whether the value is null.
    public var isNull: Bool {
        if case .null = graph.resolved(node) { true } else { false }
    }

    /// The bool, or nil where the value is not one.
    public var boolValue: Bool? {
        if case .bool(let value) = graph.resolved(node) { value } else { nil }
    }

    /// The integer, or nil where the value is not one.
    public var intValue: Int? {
        if case .int(let value) = graph.resolved(node) { value } else { nil }
    }

    /// The number of a float or of an int that a double holds exactly, or nil.
    public var doubleValue: Double? {
        switch graph.resolved(node) {
        case .float(let value): value.value
        case .int(let value): Double(exactly: value)
        default: nil
        }
    }

    /// The string, or nil where the value is not one.
    public var string: PHPString? {
        if case .string(let value) = graph.resolved(node) { value } else { nil }
    }

    /// The text of a string, or nil where the value is not a string in UTF-8.
    public var text: String? { string?.text }

    /// The array, or nil where the value is not one.
    public var array: PHPArray? {
        if case .array(let index) = graph.resolved(node) { PHPArray(graph, index) } else { nil }
    }

    /// The object, or nil where the value is not one.
    public var object: PHPObject? {
        if case .object(let object) = content { object } else { nil }
    }
}
