/// Reads the members of a list in order.
struct UnkeyedValueDecoder: UnkeyedDecodingContainer {
    private let place: DecodingPlace
    private let parent: DecodingParent
    private let entries: [KeyedNodes.Entry]
    private(set) var currentIndex = 0

    init(_ place: DecodingPlace) throws {
        self.place = place
        let (container, parent) = try place.members()
        self.parent = parent
        let members =
            switch container {
            case .array(let index): place.storage.graph.arrays[index].members
            case .object(let index): place.storage.graph.objects[index].members
            }
        guard members.isList else { throw place.mismatch([PHPValue].self) }
        entries = members.entries
    }

    var codingPath: [any CodingKey] { place.codingPath }

    var count: Int? { entries.count }

    var isAtEnd: Bool { currentIndex == entries.count }

    private func current() throws -> DecodingPlace {
        let path = codingPath + [PHPCodingKey(currentIndex)]
        guard currentIndex < entries.count else {
            let context = DecodingError.Context(codingPath: path, debugDescription: "the list has no more members")
            throw DecodingError.valueNotFound(PHPValue.self, context)
        }
        return DecodingPlace(place.storage, codingPath: path, node: entries[currentIndex].node, parents: parent)
    }

    /// Reads the next member, and goes on only if that worked.
    private mutating func next<T>(_ read: (DecodingPlace) throws -> T) throws -> T {
        let value = try read(try current())
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_: Bool.Type) throws -> Bool { try next { try $0.bool() } }

    mutating func decode(_: String.Type) throws -> String { try next { try $0.text() } }

    mutating func decode(_ type: Double.Type) throws -> Double { try next { try $0.float(type) } }

    mutating func decode(_ type: Float.Type) throws -> Float { try next { try $0.float(type) } }

    mutating func decode(_ type: Int.Type) throws -> Int { try next { try $0.integer(type) } }

    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next { try $0.integer(type) } }

    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next { try $0.integer(type) } }

    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next { try $0.integer(type) } }

    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next { try $0.integer(type) } }

    mutating func decode(_ type: UInt.Type) throws -> UInt { try next { try $0.integer(type) } }

    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next { try $0.integer(type) } }

    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next { try $0.integer(type) } }

    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next { try $0.integer(type) } }

    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next { try $0.integer(type) } }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next { try $0.decode(type) } }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy _: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try next { KeyedDecodingContainer(try KeyedValueDecoder<NestedKey>($0)) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next { try UnkeyedValueDecoder($0) }
    }

    mutating func superDecoder() throws -> any Decoder { try next { ValueDecoder($0) } }
}
