/// Writes one value into its place.
struct SingleValueEncoder: SingleValueEncodingContainer {
    private let place: EncodingPlace

    init(_ place: EncodingPlace) { self.place = place }

    var codingPath: [any CodingKey] { place.codingPath }

    func encodeNil() { place.put(.null) }

    func encode(_ value: Bool) { place.put(.bool(value)) }

    func encode(_ value: String) { place.put(.string(PHPString(value))) }

    func encode(_ value: Double) { place.put(.float(PHPFloat(value))) }

    func encode(_ value: Float) { place.put(.float(PHPFloat(Double(value)))) }

    func encode(_ value: Int) throws { try place.put(value) }

    func encode(_ value: Int8) throws { try place.put(value) }

    func encode(_ value: Int16) throws { try place.put(value) }

    func encode(_ value: Int32) throws { try place.put(value) }

    func encode(_ value: Int64) throws { try place.put(value) }

    func encode(_ value: UInt) throws { try place.put(value) }

    func encode(_ value: UInt8) throws { try place.put(value) }

    func encode(_ value: UInt16) throws { try place.put(value) }

    func encode(_ value: UInt32) throws { try place.put(value) }

    func encode(_ value: UInt64) throws { try place.put(value) }

    func encode<T: Encodable>(_ value: T) throws { try place.encode(value) }
}
