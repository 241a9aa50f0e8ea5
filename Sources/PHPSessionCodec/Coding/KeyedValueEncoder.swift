/// Writes the members of an array with keys.
struct KeyedValueEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let parent: EncodingPlace
    private let array: Int

    init(_ parent: EncodingPlace) {
        self.parent = parent
        array = parent.openArray()
    }

    var codingPath: [any CodingKey] { parent.codingPath }

    private func place(_ key: any CodingKey) -> EncodingPlace {
        let location = parent.storage.rooted.place(PHPKey(key.stringValue), in: .array(array))
        return EncodingPlace(
            parent.storage,
            codingPath: codingPath + [key],
            depth: parent.depth + 1,
            location: location
        )
    }

    func encodeNil(forKey key: Key) { place(key).put(.null) }

    func encode(_ value: Bool, forKey key: Key) { place(key).put(.bool(value)) }

    func encode(_ value: String, forKey key: Key) { place(key).put(.string(PHPString(value))) }

    func encode(_ value: Double, forKey key: Key) { place(key).put(.float(PHPFloat(value))) }

    func encode(_ value: Float, forKey key: Key) { place(key).put(.float(PHPFloat(Double(value)))) }

    func encode(_ value: Int, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: Int8, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: Int16, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: Int32, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: Int64, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: UInt, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: UInt8, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: UInt16, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: UInt32, forKey key: Key) throws { try place(key).put(value) }

    func encode(_ value: UInt64, forKey key: Key) throws { try place(key).put(value) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try place(key).encode(value) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy _: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        KeyedEncodingContainer(KeyedValueEncoder<NestedKey>(place(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { UnkeyedValueEncoder(place(key)) }

    func superEncoder() -> any Encoder { ValueEncoder(place(PHPCodingKey("super"))) }

    func superEncoder(forKey key: Key) -> any Encoder { ValueEncoder(place(key)) }
}
