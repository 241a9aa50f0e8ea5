/// Reads the members of an array by key, or the properties of an object by name.
struct KeyedValueDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let place: DecodingPlace
    private let container: Container
    private let parent: DecodingParent

    init(_ place: DecodingPlace) throws {
        self.place = place
        (container, parent) = try place.members()
    }

    var codingPath: [any CodingKey] { place.codingPath }

    var allKeys: [Key] {
        switch container {
        case .array(let index):
            place.storage.graph.arrays[index].members.entries.compactMap { $0.key.text.flatMap(Key.init(stringValue:)) }
        case .object(let index):
            place.storage.graph.objects[index].members.entries
                .compactMap { entry in
                    PHPProperty(key: entry.key, value: .null).name.text.flatMap(Key.init(stringValue:))
                }
        }
    }

    private func node(_ key: any CodingKey) -> ValueGraph.Node? {
        let graph = place.storage.graph
        switch container {
        case .array(let index):
            let members = graph.arrays[index].members
            return members.position(matching: PHPKey(key.stringValue)).map { members[$0] }
        case .object(let index):
            let cell = graph.objects[index]
            return cell.position(ofProperty: PHPString(key.stringValue)).map { cell.members[$0] }
        }
    }

    private func member(_ key: any CodingKey) throws -> DecodingPlace {
        guard let node = node(key) else {
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: "no member with this key")
            throw DecodingError.keyNotFound(key, context)
        }
        return DecodingPlace(place.storage, codingPath: codingPath + [key], node: node, parents: parent)
    }

    func contains(_ key: Key) -> Bool { node(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).isNull }

    func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try member(key).bool() }

    func decode(_: String.Type, forKey key: Key) throws -> String { try member(key).text() }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).float(type) }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try member(key).float(type) }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).integer(type) }

    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try member(key).integer(type) }

    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try member(key).integer(type) }

    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try member(key).integer(type) }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).integer(type) }

    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try member(key).integer(type) }

    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try member(key).integer(type) }

    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try member(key).integer(type) }

    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try member(key).integer(type) }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try member(key).integer(type) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decode(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy _: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try KeyedValueDecoder<NestedKey>(try member(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try UnkeyedValueDecoder(try member(key))
    }

    func superDecoder() throws -> any Decoder { ValueDecoder(try member(PHPCodingKey("super"))) }

    func superDecoder(forKey key: Key) throws -> any Decoder { ValueDecoder(try member(key)) }
}
