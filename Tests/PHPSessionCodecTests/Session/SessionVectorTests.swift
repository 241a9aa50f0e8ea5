import PHPSessionCodec
import Testing

/// Every session that PHP stored, in all five formats.
@Suite struct SessionVectorTests {
    @Test func `the fixtures are whole`() throws {
        #expect(try SessionRow.stored().count >= 558)
        #expect(try BadRow.all().count >= 145)
    }

    @Test(arguments: try SessionRow.stored())
    func `a stored session means what PHP says it means`(row: SessionRow) throws {
        let data = try JSONTree.parse(try row.session().root.typedJSON())
        let actual = try ClassKnowledge.meaning(of: data, row.format)
        // PHP cannot read back enumerations that msgpack stored; what it had stored is compared, without references.
        if row.decodeError != nil {
            #expect(row.handler == "msgpack")
            #expect(actual == ClassKnowledge.withoutReferences(row.jsonMeaning))
        } else {
            #expect(actual == row.meaning)
        }
    }

    @Test func `only classes with a meaning of their own need to be known`() throws {
        let names = try Set(
            SessionRow.stored()
                .filter { row in
                    let data = try JSONTree.parse(try row.session().root.typedJSON())
                    return data != row.meaning
                }
                .map(\.name)
        )
        #expect(
            names == [
                "obj_magic_serialize", "obj_magic_nested", "obj_C_serializable", "obj_C_empty", "arrayobject",
                "splobjectstorage", "spl_queue", "incomplete_class", "enum_pure", "mixed_everything",
            ]
        )
    }

    @Test(arguments: try SessionRow.stored())
    func `an unchanged session is written as it was read`(row: SessionRow) throws {
        let session = try row.session()
        #expect(!session.isChanged)
        #expect(try session.encoded() == row.bytes)
    }

    @Test(arguments: try SessionRow.stored([.php, .phpBinary, .phpSerialize]))
    func `writing all variables anew gives PHP's bytes in the text formats`(row: SessionRow) throws {
        #expect(row.reencodeIdentical == true)
        let variables = try row.session().root.array.orThrow("no array")
        #expect(try PHPSession(variables, format: row.format).encoded() == row.bytes)
    }

    @Test(arguments: try SessionRow.stored([.igbinary, .msgpack]))
    func `writing all variables anew gives PHP's bytes in the binary formats`(row: SessionRow) throws {
        let variables = try row.session().root.array.orThrow("no array")
        let written = try PHPSession(variables, format: row.format).encoded()
        // Where PHP drops what it wrote itself (integer names, a reference that occurs once), either is right.
        #expect(written == row.bytes || written == row.reencodedBytes)
        #expect(try PHPSession(decoding: written, format: row.format).root == .init(variables))
    }

    @Test(arguments: try SessionRow.stored())
    func `plain JSON is what PHP's json_encode says`(row: SessionRow) throws {
        guard let expected = row.plainJson, row.decodedMeaning == nil else { return }
        let session = try row.session()
        let typed = try JSONTree.parse(try session.root.typedJSON())
        if ClassKnowledge.occur(ClassKnowledge.hiding, in: typed) { return }
        let actual = try session.root.plainJSON()
        // PHP adds the name of a class that it does not have.
        #expect(actual == expected.replacing("\"__PHP_Incomplete_Class_Name\":\"NoSuchClass\",", with: ""))
    }

    @Test(arguments: try SessionRow.stored())
    func `a typed tree gives back the session it was made of`(row: SessionRow) throws {
        let root = try row.session().root
        let tree = try root.typedJSON()
        let again = try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects)
        #expect(try again.typedJSON() == tree)
        guard let variables = again.array, row.handler != "igbinary", row.handler != "msgpack" else { return }
        #expect(try PHPSession(variables, format: row.format).encoded() == row.bytes)
    }
}
