import PHPSessionCodec
import Testing

/// Codable both ways.
@Suite struct CodableTests {
    private struct Cart: Codable, Equatable {
        struct Item: Codable, Equatable {
            var sku: String
            var quantity: Int
            var price: Double
            var note: String?
        }

        var items: [Item]
        var coupon: String?
        var byDay: [Int: Bool]
        var token: PHPString
    }

    private static let cart = Cart(
        items: [
            Cart.Item(sku: "A-1", quantity: 2, price: 9.99), Cart.Item(sku: "B", quantity: 1, price: 100, note: "é"),
        ],
        coupon: nil,
        byDay: [3: true],
        token: PHPString(bytes: [0xff, 0])
    )

    @Test func `a struct becomes the array that PHP code would write`() throws {
        var session = PHPSession(format: .php)
        try session.encode(Self.cart, at: "cart")
        let expected =
            Array(
                #"cart|a:3:{s:5:"items";a:2:{i:0;a:3:{s:3:"sku";s:3:"A-1";s:8:"quantity";i:2;s:5:"price";d:9.99;}"#.utf8
            )
            + Array(#"i:1;a:4:{s:3:"sku";s:1:"B";s:8:"quantity";i:1;s:5:"price";d:100;s:4:"note";s:2:"é";}}"#.utf8)
            + Array(#"s:5:"byDay";a:1:{i:3;b:1;}s:5:"token";s:2:""#.utf8) + [0xff, 0] + Array(#"";}"#.utf8)
        #expect(try session.encodedAndReadByPHP() == expected)
        #expect(try session.decode(Cart.self, at: "cart") == Self.cart)
        #expect(try session.decode(Cart.self, at: "none") == nil)
        #expect(try session.decode(String.self, at: "cart", "items", 1, "note") == "é")
    }

    @Test func `every width of number goes there and back`() throws {
        func roundTrip<T: Codable & Equatable>(_ value: T) throws {
            let encoded = try PHPValueEncoder().encode([value])
            #expect(try PHPValueDecoder().decode([T].self, from: encoded) == [value])
            #expect(try PHPValueDecoder().decode(T.self, from: PHPValueEncoder().encode(value)) == value)
            let keyed = try PHPValueEncoder().encode(["k": value])
            #expect(try PHPValueDecoder().decode([String: T].self, from: keyed) == ["k": value])
        }
        try roundTrip(Int.min)
        try roundTrip(Int8.min)
        try roundTrip(Int16.max)
        try roundTrip(Int32.min)
        try roundTrip(Int64.max)
        try roundTrip(UInt(7))
        try roundTrip(UInt8.max)
        try roundTrip(UInt16.max)
        try roundTrip(UInt32.max)
        try roundTrip(UInt64(Int64.max))
        try roundTrip(Float(1.5))
        try roundTrip(-0.25)
        try roundTrip(true)
        try roundTrip("x")
        try roundTrip(String?.none)
        try roundTrip([["a": [1]]])
    }

    @Test func `a number that does not fit is an error`() throws {
        #expect(throws: EncodingError.self) { try PHPValueEncoder().encode(UInt64.max) }
        #expect(throws: EncodingError.self) { try PHPValueEncoder().encode([UInt64.max]) }
        #expect(throws: DecodingError.self) { try PHPValueDecoder().decode(Int8.self, from: 128) }
        #expect(throws: DecodingError.self) { try PHPValueDecoder().decode(UInt.self, from: -1) }
        #expect(throws: DecodingError.self) { try PHPValueDecoder().decode(Double.self, from: PHPValue(Int.max)) }
        #expect(try PHPValueDecoder().decode(Double.self, from: 3) == 3)
    }

    @Test func `nothing is converted silently`() {
        let decoder = PHPValueDecoder()
        #expect(throws: DecodingError.self) { try decoder.decode(Int.self, from: "5") }
        #expect(throws: DecodingError.self) { try decoder.decode(Int.self, from: 5.0) }
        #expect(throws: DecodingError.self) { try decoder.decode(Bool.self, from: 1) }
        #expect(throws: DecodingError.self) { try decoder.decode(String.self, from: 5) }
        #expect(throws: DecodingError.self) { try decoder.decode(String.self, from: .null) }
        #expect(throws: DecodingError.self) {
            try decoder.decode(String.self, from: PHPValue(PHPString(bytes: [0xff])))
        }
        #expect(throws: DecodingError.self) { try decoder.decode([Int].self, from: ["x": 1]) }
        #expect(throws: DecodingError.self) { try decoder.decode([Int].self, from: [1: 1]) }
        #expect(throws: DecodingError.self) { try decoder.decode(Cart.self, from: [:]) }
        #expect(throws: DecodingError.self) { try decoder.decode(Cart.self, from: 5) }
    }

    @Test func `objects are read by the plain names of their properties and never written`() throws {
        struct User: Codable, Equatable {
            var id: Int
            var name: String
            var pin: Int
        }
        let text = "u|O:4:\"User\":3:{s:2:\"id\";i:7;s:7:\"\0*\0name\";s:3:\"Ann\";s:9:\"\0User\0pin\";i:1;}"
        var session = try PHPSession(decoding: Array(text.utf8), format: .php)
        let user = try session.decode(User.self, at: "u")
        #expect(user == User(id: 7, name: "Ann", pin: 1))
        try session.encode(user, at: "copy")
        #expect(session["copy"]?.object == nil)
        #expect(session["copy"]?.array?.count == 3)
        #expect(try session.decode([String: PHPKeyed].self)?.keys.sorted() == ["copy", "u"])
        #expect(throws: DecodingError.self) {
            try PHPValueDecoder().decode([String: Int].self, from: PHPValue.unsafeEnumCase("Suit", "Hearts"))
        }
    }

    /// A type that takes any members.
    private struct PHPKeyed: Decodable {
        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Name.self).allKeys }

        private enum Name: CodingKey { case id }
    }

    @Test func `a class with a superclass, nested containers and a type that writes nothing work`() throws {
        struct Shape: Codable, Equatable {
            var points: [[Double]]
            var name: String
            var empty = Nothing()

            private enum Key: CodingKey { case geometry, name, empty }
            private enum Inner: CodingKey { case points }

            init(points: [[Double]], name: String) {
                self.points = points
                self.name = name
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                name = try String(from: container.superDecoder(forKey: .name))
                let inner = try container.nestedContainer(keyedBy: Inner.self, forKey: .geometry)
                var list = try inner.nestedUnkeyedContainer(forKey: .points)
                points = []
                while !list.isAtEnd {
                    var point = try list.nestedUnkeyedContainer()
                    var values: [Double] = []
                    while !point.isAtEnd { values.append(try point.decode(Double.self)) }
                    points.append(values)
                }
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try name.encode(to: container.superEncoder(forKey: .name))
                var inner = container.nestedContainer(keyedBy: Inner.self, forKey: .geometry)
                var list = inner.nestedUnkeyedContainer(forKey: .points)
                for point in points {
                    var nested = list.nestedUnkeyedContainer()
                    for value in point { try nested.encode(value) }
                }
                try container.encode(empty, forKey: .empty)
            }
        }
        struct Nothing: Codable, Equatable {}
        let shape = Shape(points: [[1, 2.5], []], name: "line")
        let value = try PHPValueEncoder().encode(shape)
        let text =
            #"a:3:{s:4:"name";s:4:"line";s:8:"geometry";a:1:{s:6:"points";a:2:{i:0;a:2:{i:0;d:1;i:1;d:2.5;}i:1;a:0:{}}}s:5:"empty";a:0:{}}"#
        #expect(try value.encoded(as: .serialize) == Array(text.utf8))
        #expect(try PHPValueDecoder().decode(Shape.self, from: value) == shape)
    }

    private struct Chain: Codable {
        var next: [Chain]?

        static func of(_ length: Int) -> Chain {
            var chain = Chain(next: nil)
            for _ in 1..<length { chain = Chain(next: [chain]) }
            return chain
        }
    }

    @Test func `the standard depth fits a small stack, and more is an error`() async throws {
        try await onSmallStack {
            // Two containers a link.
            let links = PHPValueDecoder.standardDepth / 2
            let value = try PHPValueEncoder().encode(Chain.of(links))
            _ = try PHPValueDecoder().decode(Chain.self, from: value)
        }
        #expect(throws: EncodingError.self) { try PHPValueEncoder().encode(Chain.of(200)) }
        let deep = try PHPValueEncoder(maximumDepth: 1_000).encode(Chain.of(200))
        let error = try #require(throws: DecodingError.self) { try PHPValueDecoder().decode(Chain.self, from: deep) }
        guard case .dataCorrupted(let context) = error else { throw error }
        #expect((context.underlyingError as? PHPSessionCodecError)?.code == .tooDeep)
    }

    @Test func `a path says where decoding failed`() throws {
        let value: PHPValue = ["items": [["sku": "A", "quantity": 1, "price": 1.5], ["sku": 5]]]
        let error = try #require(throws: DecodingError.self) {
            try PHPValueDecoder().decode([String: [Cart.Item]].self, from: value)
        }
        guard case .typeMismatch(_, let context) = error else { throw error }
        #expect(context.codingPath.map(\.stringValue) == ["items", "1", "sku"])
    }
}
