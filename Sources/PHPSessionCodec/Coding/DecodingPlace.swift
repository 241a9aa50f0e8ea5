/// One value that is being decoded.
struct DecodingPlace {
    let storage: DecodingStorage
    let codingPath: [any CodingKey]
    let node: ValueGraph.Node
    let parents: DecodingParent?

    init(_ storage: DecodingStorage, codingPath: [any CodingKey], node: ValueGraph.Node, parents: DecodingParent?) {
        self.storage = storage
        self.codingPath = codingPath
        self.node = storage.graph.resolved(node)
        self.parents = parents
    }

    var isNull: Bool {
        if case .null = node { true } else { false }
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard storage.spend() else { throw failure(.tooManyValues, "more values than maximumValues") }
        if type == PHPString.self, case .string(let string) = node, let result = string as? T { return result }
        return try type.init(from: ValueDecoder(self))
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = node else { throw mismatch(Bool.self) }
        return value
    }

    func text() throws -> String {
        guard case .string(let value) = node else { throw mismatch(String.self) }
        guard let text = value.text else { throw corrupted("a string that is not UTF-8; decode a PHPString") }
        return text
    }

    func integer<T: BinaryInteger>(_ type: T.Type) throws -> T {
        guard case .int(let value) = node else { throw mismatch(type) }
        guard let number = T(exactly: value) else { throw corrupted("the integer does not fit \(type)") }
        return number
    }

    func float<T: BinaryFloatingPoint>(_ type: T.Type) throws -> T {
        switch node {
        case .float(let value):
            return T(value.value)
        case .int(let value):
            guard let number = T(exactly: value) else { throw corrupted("the integer is not exact as \(type)") }
            return number
        default:
            throw mismatch(type)
        }
    }

    /// The members of the array or object, and the parents for its values.
    func members() throws -> (container: Container, parent: DecodingParent) {
        let container: Container
        switch node {
        case .array(let index): container = .array(index)
        case .object(let index):
            switch storage.graph.objects[index].form {
            case .properties, .serialized: container = .object(index)
            case .serializable, .enumCase: throw mismatch([String: PHPValue].self)
            }
        default: throw mismatch([String: PHPValue].self)
        }
        if let parents, parents.contains(container) { throw failure(.cycle, "a value leads back into itself") }
        let parent = DecodingParent(container, outer: parents)
        guard parent.depth <= storage.options.maximumDepth else {
            throw failure(.tooDeep, "containers nested deeper than maximumDepth")
        }
        return (container, parent)
    }

    // MARK: - Errors

    private var typeName: String { PHPValue(storage.graph, node).description }

    func mismatch(_ type: Any.Type) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "expected \(type), found \(typeName)"
        )
        return isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    private func corrupted(_ reason: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: reason))
    }

    private func failure(_ code: PHPSessionCodecError.Code, _ reason: String) -> DecodingError {
        let cause = PHPSessionCodecError(code, reason)
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: cause.description,
            underlyingError: cause
        )
        return .dataCorrupted(context)
    }
}

/// What a type's `init(from:)` is given.
struct ValueDecoder: Decoder {
    private let place: DecodingPlace

    init(_ place: DecodingPlace) { self.place = place }

    var codingPath: [any CodingKey] { place.codingPath }

    var userInfo: [CodingUserInfoKey: Any] { place.storage.options.userInfo }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try KeyedValueDecoder<Key>(place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try UnkeyedValueDecoder(place) }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleValueDecoder(place) }
}
