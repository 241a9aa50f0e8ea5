/// Reads one value.
struct SingleValueDecoder: SingleValueDecodingContainer {
    private let place: DecodingPlace

    init(_ place: DecodingPlace) { self.place = place }

    var codingPath: [any CodingKey] { place.codingPath }

    func decodeNil() -> Bool { place.isNull }

    func decode(_: Bool.Type) throws -> Bool { try place.bool() }

    func decode(_: String.Type) throws -> String { try place.text() }

    func decode(_ type: Double.Type) throws -> Double { try place.float(type) }

    func decode(_ type: Float.Type) throws -> Float { try place.float(type) }

    func decode(_ type: Int.Type) throws -> Int { try place.integer(type) }

    func decode(_ type: Int8.Type) throws -> Int8 { try place.integer(type) }

    func decode(_ type: Int16.Type) throws -> Int16 { try place.integer(type) }

    func decode(_ type: Int32.Type) throws -> Int32 { try place.integer(type) }

    func decode(_ type: Int64.Type) throws -> Int64 { try place.integer(type) }

    func decode(_ type: UInt.Type) throws -> UInt { try place.integer(type) }

    func decode(_ type: UInt8.Type) throws -> UInt8 { try place.integer(type) }

    func decode(_ type: UInt16.Type) throws -> UInt16 { try place.integer(type) }

    func decode(_ type: UInt32.Type) throws -> UInt32 { try place.integer(type) }

    func decode(_ type: UInt64.Type) throws -> UInt64 { try place.integer(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try place.decode(type) }
}
