import NIOCore
import PHPSessionCodec
import Testing

@testable import MemcachedSessions

/// PHP's session formats under the handler's variables.
@Suite struct PHPSessionFormatTests {
    struct User: Codable, Equatable {
        var name: String
        var logins: Int
        var tags: [String] = []
    }

    static func variables(
        _ text: String,
        _ format: MemcachedPHPSessionFormat = .php
    ) throws -> any MemcachedSessionVariables {
        try format.variables(from: ByteBuffer(string: text))
    }

    @Test func `the formats have the names of PHP's setting`() throws {
        let formats: [MemcachedPHPSessionFormat] = [.php, .phpBinary, .phpSerialize, .igbinary, .msgpack]
        #expect(formats.map(\.name) == ["php", "php_binary", "php_serialize", "igbinary", "msgpack"])
        for format in formats { #expect(MemcachedPHPSessionFormat(serializeHandler: format.name)?.name == format.name) }
        #expect(MemcachedPHPSessionFormat(serializeHandler: "wddx") == nil)
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `no bytes are no variables, and no variables no bytes`(format: PHPSessionFormat) throws {
        var variables = try MemcachedPHPSessionFormat(format).variables(from: ByteBuffer())
        #expect(variables.names == [])
        #expect(try variables.bytes().readableBytes == 0)
        #expect(try variables.value("a", as: Int.self) == nil)
        try variables.setValue(1, for: "a")
        #expect(try variables.bytes().readableBytes > 0)
        variables.removeValue(for: "a")
        #expect(try variables.bytes().readableBytes == 0)
    }

    @Test func `an empty session that PHP wrote as something stays as it is`() throws {
        #expect(try Self.variables("a:0:{}", .phpSerialize).bytes().text == "a:0:{}")
        #expect(try Self.variables(#"s:1:"x";"#, .phpSerialize).bytes().text == #"s:1:"x";"#)
    }

    @Test func `changing one variable leaves all others as they were`() throws {
        let odd = #"a|d:0.10000000000000001;o|O:4:"User":1:{s:7:"\#0*\#0name";s:3:"Ann";}r|r:2;c|C:1:"X":3:{a|b}"#
        var variables = try Self.variables(odd + "n|i:+01;z|i:1;")
        #expect(variables.names == ["a", "o", "r", "c", "n", "z"])
        try variables.setValue(2, for: "z")
        #expect(try variables.bytes().text == odd + "n|i:+01;z|i:2;")
        variables.removeValue(for: "z")
        #expect(try variables.bytes().text == odd + "n|i:+01;")
        // Setting what is there already changes nothing, so that the session is touched and not written.
        try variables.setValue(0.1, for: "a")
        try variables.setValue(1, for: "n")
        #expect(try variables.bytes().text == odd + "n|i:+01;")
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `values go in and come out as they are`(format: PHPSessionFormat) throws {
        let format = MemcachedPHPSessionFormat(format)
        var variables = try format.variables(from: ByteBuffer())
        let user = User(name: "Dörte \"D\" \u{1F980}", logins: 3, tags: ["a", "b"])
        try variables.setValue(user, for: "user")
        try variables.setValue(true, for: "yes")
        try variables.setValue(0.1, for: "tenth")
        let again = try format.variables(from: try variables.bytes())
        #expect(again.names == ["user", "yes", "tenth"])
        #expect(try again.value("user", as: User.self) == user)
        #expect(try again.value("yes", as: Bool.self) == true)
        #expect(try again.value("tenth", as: Double.self) == 0.1)
        #expect(throws: DecodingError.self) { try again.value("tenth", as: String.self) }
    }

    @Test func `null counts as not there, as PHP's isset has it`() throws {
        let variables = try Self.variables("n|N;")
        #expect(variables.names == ["n"])
        #expect(try variables.value("n", as: Int.self) == nil)
    }

    @Test func `all variables can be one value`() throws {
        var variables = try Self.variables(#"logins|i:+1;old|i:9;name|s:3:"Ada";tags|a:0:{}"#)
        #expect(try variables.values(as: User.self) == User(name: "Ada", logins: 1))
        try variables.setValues(User(name: "Bob", logins: 1))
        // Each in its place, with its bytes where it is the same.
        #expect(try variables.bytes().text == #"logins|i:+1;name|s:3:"Bob";tags|a:0:{}"#)
        #expect(throws: EncodingError.self) { try variables.setValues(5) }
        #expect(throws: EncodingError.self) { try variables.setValues([1, 2]) }
        #expect(try variables.bytes().text == #"logins|i:+1;name|s:3:"Bob";tags|a:0:{}"#)
    }

    @Test func `an object of PHP's is not replaced by an array behind anybody's back`() throws {
        let text = #"user|O:4:"User":2:{s:4:"name";s:3:"Ann";s:6:"logins";i:1;}list|a:1:{i:0;r:1;}"#
        var variables = try Self.variables(text)
        #expect(throws: EncodingError.self) { try variables.setValue(User(name: "Bob", logins: 2), for: "user") }
        #expect(throws: EncodingError.self) { try variables.setValue([1], for: "list") }
        #expect(throws: EncodingError.self) { try variables.setValues(["user": ["name": "Bob"]]) }
        #expect(try variables.bytes().text == text)
        variables.removeValue(for: "user")
        try variables.setValue(1, for: "user")
        #expect(try variables.value("user", as: Int.self) == 1)
    }

    @Test func `a name that PHP would drop or choke on is refused when the session is stored`() throws {
        var variables = try Self.variables("a|i:1;")
        try variables.setValue(1, for: "b|c")
        #expect(throws: PHPSessionCodecError.self) { try variables.bytes() }
        var numbered = try Self.variables("a|i:1;")
        try numbered.setValue(1, for: "5")
        #expect(throws: PHPSessionCodecError.self) { try numbered.bytes() }
    }

    @Test(arguments: ["{\"count\":1}", "count|i:x;", "count|i:1", "|", "a|O:1:\"A\":1:{}"])
    func `what is not of the format is refused`(text: String) {
        #expect(throws: PHPSessionCodecError.self) { try Self.variables(text) }
    }
}
