import MemcachedWire
import Testing

/// Status words and their names.
struct StatusTests {
    @Test func `words and names are unique`() {
        #expect(Set(Status.named.map(\.status)).count == Status.named.count)
        #expect(Set(Status.named.map(\.name)).count == Status.named.count)
    }

    @Test(
        arguments: [
            (.success, 0x00), (.notFound, 0x01), (.exists, 0x02), (.tooLarge, 0x03), (.invalidArguments, 0x04),
            (.notStored, 0x05), (.nonNumeric, 0x06), (.wrongVBucket, 0x07), (.authenticationError, 0x08),
            (.authenticationContinueAlternative, 0x09), (.authenticationFailure, 0x20), (.authenticationContinue, 0x21),
            (.unknownCommand, 0x81), (.outOfMemory, 0x82), (.notSupported, 0x83), (.internalError, 0x84), (.busy, 0x85),
            (.temporaryFailure, 0x86),
        ] as [(Status, UInt16)]
    )
    func `a status has the word of the protocol and a name`(status: Status, word: UInt16) {
        #expect(status.rawValue == word)
        #expect(Status.named.contains { $0.status == status && !$0.name.isEmpty })
    }

    @Test func `a description tells the word, and its name where it has one`() {
        #expect(Status.notFound.description == "0x0001 (not found)")
        #expect(Status.unknownCommand.description == "0x0081 (unknown command)")
        #expect(Status(rawValue: 0x0A).description == "0x000a")
        #expect(Status(rawValue: 0xFFFF).description == "0xffff")
    }

    @Test func `every status that memcached sent has a name`() throws {
        let sent = Set(try VectorRow.all().flatMap(\.exchanges).flatMap(\.statuses))
        #expect(sent.count > 1)
        #expect(sent.subtracting(Status.named.map(\.status)).isEmpty)
    }
}
