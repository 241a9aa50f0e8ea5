/// Writes the members of a list.
struct UnkeyedValueEncoder: UnkeyedEncodingContainer {
    private let parent: EncodingPlace
    private let array: Int

    init(_ parent: EncodingPlace) {
        self.parent = parent
        array = parent.openArray()
    }

    var codingPath: [any CodingKey] { parent.codingPath }

    var count: Int { parent.storage.rooted.graph.arrays[array].members.count }

    private func place() -> EncodingPlace {
        let key = PHPCodingKey(count)
        let location = parent.storage.rooted.place(.int(count), in: .array(array))
        return EncodingPlace(
            parent.storage,
            codingPath: codingPath + [key],
            depth: parent.depth + 1,
            location: location
        )
    }

    func encodeNil() { place().put(.null) }

    func encode(_ value: Bool) { place().put(.bool(value)) }

    func encode(_ value: String) { place().put(.string(PHPString(value))) }

    func encode(_ value: Double) { place().put(.float(PHPFloat(value))) }

    func encode(_ value: Float) { place().put(.float(PHPFloat(Double(value)))) }

    func encode(_ value: Int) throws { try place().put(value) }

    func encode(_ value: Int8) throws { try place().put(value) }

    func encode(_ value: Int16) throws { try place().put(value) }

    func encode(_ value: Int32) throws { try place().put(value) }

    func encode(_ value: Int64) throws { try place().put(value) }

    func encode(_ value: UInt) throws { try place().put(value) }

    func encode(_ value: UInt8) throws { try place().put(value) }

    func encode(_ value: UInt16) throws { try place().put(value) }

    func encode(_ value: UInt32) throws { try place().put(value) }

    func encode(_ value: UInt64) throws { try place().put(value) }

    func encode<T: Encodable>(_ value: T) throws { try place().encode(value) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy _: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        KeyedEncodingContainer(KeyedValueEncoder<NestedKey>(place()))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { UnkeyedValueEncoder(place()) }

    func superEncoder() -> any Encoder { ValueEncoder(place()) }
}
