import Foundation
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct JSONSessionFormatTests {
    struct User: Codable, Equatable {
        var name: String
        var logins: Int
    }

    static func variables(_ text: String) throws -> any MemcachedSessionVariables {
        try MemcachedJSONSessionFormat().variables(from: ByteBuffer(string: text))
    }

    @Test func `no bytes are no variables, and no variables no bytes`() throws {
        let variables = try Self.variables("")
        #expect(variables.names == [])
        #expect(try variables.bytes().readableBytes == 0)
        #expect(try variables.value("a", as: Int.self) == nil)
    }

    @Test func `changing one variable leaves all others as they were`() throws {
        let others = #""big":18446744073709551615,"deep":{"a":[1,2.5,null,true,"x/y"]},"small":-9223372036854775808"#
        var variables = try Self.variables("{\(others),\"z\":1}")
        try variables.setValue(2, for: "z")
        #expect(try variables.bytes().text == "{\(others),\"z\":2}")
    }

    @Test func `values go in and come out as they are`() throws {
        var variables = try Self.variables("")
        let user = User(name: "Dörte \"D\" \u{1F980}", logins: 3)
        try variables.setValue(user, for: "user")
        try variables.setValue(["a", "b"], for: "list")
        try variables.setValue(true, for: "yes")
        try variables.setValue(0.1, for: "tenth")
        try variables.setValue(UInt64.max, for: "huge")
        let again = try Self.variables(try variables.bytes().text)
        #expect(again.names == ["huge", "list", "tenth", "user", "yes"])
        #expect(try again.value("user", as: User.self) == user)
        #expect(try again.value("list", as: [String].self) == ["a", "b"])
        #expect(try again.value("yes", as: Bool.self) == true)
        #expect(try again.value("tenth", as: Double.self) == 0.1)
        #expect(try again.value("huge", as: UInt64.self) == .max)
    }

    @Test func `all variables can be one value`() throws {
        var variables = try Self.variables(#"{"name":"Ada","logins":1}"#)
        #expect(try variables.values(as: User.self) == User(name: "Ada", logins: 1))
        try variables.setValues(User(name: "Bob", logins: 2))
        #expect(try variables.bytes().text == #"{"logins":2,"name":"Bob"}"#)
        #expect(throws: EncodingError.self) { try variables.setValues(5) }
        #expect(throws: EncodingError.self) { try variables.setValues([1, 2]) }
        #expect(try variables.bytes().text == #"{"logins":2,"name":"Bob"}"#)
    }

    @Test func `a value of another type, or one that JSON cannot express, is an error`() throws {
        var variables = try Self.variables(#"{"a":"text"}"#)
        #expect(throws: (any Error).self) { try variables.value("a", as: Int.self) }
        #expect(throws: (any Error).self) { try variables.setValue(Double.nan, for: "nan") }
        #expect(variables.names == ["a"])
    }

    @Test(arguments: [
        "{", "}", "null", "5", "[]", #""text""#, "count|i:1;", "a:1:{s:1:\"a\";i:1;}", "{\"a\":}", "\u{0}",
        "{\"a\":1}}",
        "{\"a\":1e999999}",
    ])
    func `what is no JSON object is refused and does no harm`(text: String) {
        #expect(throws: (any Error).self) { try Self.variables(text) }
    }

    @Test(arguments: ["[", "{\"a\":", "{\"a\":[", "\""])
    func `what is nested without end is refused and does no harm`(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        #expect(throws: (any Error).self) { _ = try Self.variables(text) }
    }

    @Test func `bytes that are no text are refused`() {
        let bytes = ByteBuffer(bytes: [0x7B, 0xFF, 0xFE, 0x7D])
        #expect(throws: (any Error).self) { try MemcachedJSONSessionFormat().variables(from: bytes) }
    }

    @Test func `what nests more deeply than 64 levels is refused, however it is written`() throws {
        func nested(_ depth: Int, _ open: String = "[", _ close: String = "]") -> String {
            "{\"a\":" + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}"
        }
        #expect(try Self.variables(nested(63)).names == ["a"])
        #expect(throws: DecodingError.self) { try Self.variables(nested(64)) }
        #expect(try Self.variables(nested(63, "{\"b\":", "}")).names == ["a"])
        #expect(throws: DecodingError.self) { try Self.variables(nested(64, "{\"b\":", "}")) }
        // Many beside one another are none inside of one another, and what is in a string is no bracket.
        let text = String(repeating: "[", count: 100)
        #expect(try Self.variables("{\"a\":[\(String(repeating: "[],", count: 100))1]}").names == ["a"])
        let quoted = #"{"\\":"\""# + text + #"\\\"","b":"\\"}"#
        #expect(try Self.variables(quoted).names == ["\\", "b"])
        #expect(throws: DecodingError.self) { try Self.variables(#"{"\\":"\"","b":"# + text + "]}") }
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf32BigEndian] {
            let bytes = try #require(nested(1).data(using: encoding))
            #expect(throws: DecodingError.self) {
                try MemcachedJSONSessionFormat().variables(from: ByteBuffer(bytes: bytes))
            }
        }
    }

    @Test func `nothing is written that could not be read`() throws {
        indirect enum Nested: Encodable {
            case end
            case list(Nested)

            init(_ depth: Int) {
                self = .end
                for _ in 0..<depth { self = .list(self) }
            }

            func encode(to encoder: any Encoder) throws {
                switch self {
                case .end:
                    var container = encoder.singleValueContainer()
                    try container.encode(1)
                case .list(let value):
                    var container = encoder.unkeyedContainer()
                    try container.encode(value)
                }
            }
        }
        var variables = try Self.variables("")
        try variables.setValue(Nested(63), for: "a")
        #expect(try Self.variables(try variables.bytes().text).names == ["a"])
        #expect(throws: EncodingError.self) { try variables.setValue(Nested(64), for: "a") }
        #expect(throws: EncodingError.self) { try variables.setValues(["a": Nested(64)]) }
        try variables.setValues(["b": Nested(63)])
        #expect(try Self.variables(try variables.bytes().text).names == ["b"])
    }
}
