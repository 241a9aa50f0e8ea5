/// Makes PHP values of Codable types.
///
/// Structs and dictionaries become arrays with keys, collections become lists; `nil` becomes null or is left out, as
/// the type's `encode(to:)` has it. Nothing ever becomes a PHP object: which class PHP instantiates is never decided
/// by a value. Bytes go as ``PHPString``, which PHP gets as a string.
///
/// ```swift
/// session["cart"] = try PHPValueEncoder().encode(cart)
/// ```
public struct PHPValueEncoder: Sendable {
    /// What types can ask for in their `encode(to:)`.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// How deeply containers may nest.
    ///
    /// Codable recurses, so this is bounded by the stack.
    public var maximumDepth: Int

    /// Creates an encoder.
    ///
    /// - Parameter maximumDepth: How deeply containers may nest.
    public init(maximumDepth: Int = PHPValueDecoder.standardDepth) { self.maximumDepth = maximumDepth }

    /// Encodes a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: Arrays, strings, numbers, bools and nulls.
    /// - Throws: `EncodingError` for integers beyond 64 bits with sign and for containers nested too deeply, and what
    ///   the value's `encode(to:)` throws.
    public func encode(_ value: some Encodable) throws -> PHPValue {
        let storage = EncodingStorage(self)
        try EncodingPlace(storage, codingPath: [], depth: 0, location: .root(0)).encode(value)
        return PHPValue(storage.rooted.graph, storage.rooted[.root(0)])
    }
}

/// The graph that all containers of one encoding write into.
final class EncodingStorage {
    var rooted = RootedGraph(roots: [.null])
    let options: PHPValueEncoder

    init(_ options: PHPValueEncoder) { self.options = options }
}

/// A place in the graph that takes one value.
struct EncodingPlace {
    let storage: EncodingStorage
    let codingPath: [any CodingKey]
    let depth: Int
    let location: Location

    init(_ storage: EncodingStorage, codingPath: [any CodingKey], depth: Int, location: Location) {
        self.storage = storage
        self.codingPath = codingPath
        self.depth = depth
        self.location = location
    }

    func put(_ node: ValueGraph.Node) { storage.rooted[location] = node }

    func put(_ value: some BinaryInteger) throws {
        guard let number = Int(exactly: value) else {
            let context = EncodingError.Context(
                codingPath: codingPath,
                debugDescription: "the integer does not fit PHP's int"
            )
            throw EncodingError.invalidValue(value, context)
        }
        put(.int(number))
    }

    /// The array in this place, made if there is none yet.
    func openArray() -> Int {
        if case .array(let index) = storage.rooted[location] { return index }
        let index = storage.rooted.graph.addArray()
        put(.array(index))
        return index
    }

    func encode(_ value: some Encodable) throws {
        if let string = value as? PHPString { return put(.string(string)) }
        guard depth <= storage.options.maximumDepth else {
            let cause = PHPSessionCodecError(.tooDeep, "containers nested deeper than maximumDepth")
            let context = EncodingError.Context(
                codingPath: codingPath,
                debugDescription: cause.description,
                underlyingError: cause
            )
            throw EncodingError.invalidValue(value, context)
        }
        try value.encode(to: ValueEncoder(self))
    }
}

/// What a type's `encode(to:)` is given.
struct ValueEncoder: Encoder {
    private let place: EncodingPlace

    init(_ place: EncodingPlace) { self.place = place }

    var codingPath: [any CodingKey] { place.codingPath }

    var userInfo: [CodingUserInfoKey: Any] { place.storage.options.userInfo }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedValueEncoder(place))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { UnkeyedValueEncoder(place) }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleValueEncoder(place) }
}
