import PHPSessionCodec
import Testing

/// Every malformed or odd session of the fixtures: a typed error, or what PHP made of it.
@Suite struct MalformedSessionTests {
    /// Where the verdict differs from PHP's, and why.
    enum Difference: String {
        case enumeration = "PHP knows no such case of an enumeration; the codec knows no classes"
        case typedProperty = "a declared property of the class does not take the value"
        case lengthWrap = "PHP lets a length wrap around at 2^64"
        case silentlyEmpty = "PHP's msgpack handler takes what it cannot read for an empty session and overwrites it"
    }

    static let differences: [String: Difference] = [
        "E_unknown_case (php)": .enumeration,
        "readonly_prop_type_mismatch (php)": .typedProperty,
        "str_len_wrap64 (php)": .lengthWrap,
        "truncated_map (msgpack)": .silentlyEmpty,
        "map32_huge (msgpack)": .silentlyEmpty,
        "array32_huge (msgpack)": .silentlyEmpty,
        "str32_huge (msgpack)": .silentlyEmpty,
        "reserved_c1 (msgpack)": .silentlyEmpty,
        "int_root (msgpack)": .silentlyEmpty,
        "php_format (msgpack)": .silentlyEmpty,
    ]

    @Test(arguments: try BadRow.all())
    func `a malformed session is a typed error or what PHP made of it`(row: BadRow) throws {
        let listed = Self.differences[row.description]
        let format = try row.format
        let result = Result { () throws(PHPSessionCodecError) in try PHPSession(decoding: row.bytes, format: format) }
        switch result {
        case .success(let session):
            #expect(row.isAccepted == (listed == nil), "accepted here")
            #expect(try session.encoded() == row.bytes)
            guard row.isAccepted, let expected = row.php.sessionJson else { return }
            guard let json = try? session.root.plainJSON() else { return }
            if expected.hasSuffix(" bytes)") {
                // Long JSON is cut in the fixtures.
                #expect(json.hasPrefix(expected.prefix(190)) && expected.hasSuffix("(\(json.utf8.count) bytes)"))
            } else {
                #expect(Self.neutral(json) == Self.neutral(expected))
            }
        case .failure(let error):
            #expect(row.isAccepted == (listed != nil), "\(error)")
            let offset = try error.offset.orThrow("no offset")
            #expect((0...row.bytes.count).contains(offset))
        }
    }

    /// PHP's JSON without what only PHP knows: that it has no class of a name.
    static func neutral(_ json: String) -> String {
        json.replacing(/"__PHP_Incomplete_Class_Name":"[A-Za-z]*",?/, with: "")
    }
}
