/// A PHP value, kept whole: what is read can be written again without loss.
///
/// A value is one of PHP's types; ``content`` says which, and the properties beside it (``intValue``, ``text`` …) ask
/// for one of them. It is a Swift value: changing a copy leaves the original alone. Inside of it, objects are shared
/// and references are shared as PHP shares them.
///
/// ```swift
/// let cart: PHPValue = ["items": ["apple", "pear"], "total": 4.5]
/// cart["items", 0]?.text        // "apple"
/// ```
///
/// Objects come from decoded data only, or from the initializers whose name says `unsafe`.
public struct PHPValue: Sendable {
    var graph: ValueGraph
    var node: ValueGraph.Node

    init(_ graph: ValueGraph, _ node: ValueGraph.Node) {
        self.graph = graph
        self.node = node
    }

    init(_ node: ValueGraph.Node) { self.init(ValueGraph(), node) }

    /// PHP's null.
    public static let null = PHPValue(.null)

    /// Creates a bool.
    ///
    /// - Parameter value: The bool.
    public init(_ value: Bool) { self.init(.bool(value)) }

    /// Creates an int.
    ///
    /// - Parameter value: The number, as wide as PHP's int.
    public init(_ value: Int) { self.init(.int(value)) }

    /// Creates a float, written with the shortest digits.
    ///
    /// - Parameter value: The number.
    public init(_ value: Double) { self.init(.float(PHPFloat(value))) }

    /// Creates a float.
    ///
    /// - Parameter value: The number with its text.
    public init(_ value: PHPFloat) { self.init(.float(value)) }

    /// Creates a string of text in UTF-8.
    ///
    /// - Parameter text: The text.
    public init(_ text: String) { self.init(.string(PHPString(text))) }

    /// Creates a string of bytes.
    ///
    /// - Parameter string: The bytes.
    public init(_ string: PHPString) { self.init(.string(string)) }

    /// Creates an array.
    ///
    /// - Parameter array: The array.
    public init(_ array: PHPArray) { self.init(array.graph, .array(array.index)) }

    /// Creates an array with the keys 0, 1, 2 ….
    ///
    /// - Parameter values: The values in order.
    public init(_ values: some Sequence<PHPValue>) { self.init(PHPArray(values)) }
}

extension PHPValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates null.
    ///
    /// - Parameter nilLiteral: Nothing.
    public init(nilLiteral: ()) { self = .null }

    /// Creates a bool.
    ///
    /// - Parameter value: The literal.
    public init(booleanLiteral value: Bool) { self.init(value) }

    /// Creates an int.
    ///
    /// - Parameter value: The literal.
    public init(integerLiteral value: Int) { self.init(value) }

    /// Creates a float.
    ///
    /// - Parameter value: The literal.
    public init(floatLiteral value: Double) { self.init(value) }

    /// Creates a string.
    ///
    /// - Parameter value: The literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Creates an array with the keys 0, 1, 2 ….
    ///
    /// - Parameter elements: The values in order.
    public init(arrayLiteral elements: PHPValue...) { self.init(PHPArray(elements)) }

    /// Creates an array with keys.
    ///
    /// A key that is given twice has the last value at the first place, as in PHP.
    ///
    /// - Parameter elements: The keys and values in order.
    public init(dictionaryLiteral elements: (PHPKey, PHPValue)...) { self.init(PHPArray(pairs: elements)) }
}

extension PHPValue: CustomStringConvertible {
    /// The type and size of the value, not what it holds: session data does not belong in a log.
    public var description: String {
        switch content {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string(let string): "string of \(string)"
        case .array(let array): "array of \(array.count)"
        case .object(let object): "object with \(object.properties.count) properties"
        case .enumCase: "enum case"
        }
    }
}
