import MemcachedWire
import Testing

/// The command table against the protocol's.
struct OpcodeTableTests {
    /// One row of the protocol's table: the lengths of extras, and whether there is a key and a value.
    struct Row: Sendable, CustomTestStringConvertible {
        var opcode: UInt8
        var quiet: UInt8?
        var name: String
        var extras: [Int]
        var key: PartPresence
        var value: PartPresence
        var isKnown = true

        var testDescription: String { name }
    }

    /// `reference/binary_protocol.md`, section 2; the range commands as in the protocol's own text.
    static let protocolRows: [Row] = [
        Row(opcode: 0x00, quiet: 0x09, name: "GET", extras: [0], key: .required, value: .none),
        Row(opcode: 0x0C, quiet: 0x0D, name: "GETK", extras: [0], key: .required, value: .none),
        Row(opcode: 0x01, quiet: 0x11, name: "SET", extras: [8], key: .required, value: .optional),
        Row(opcode: 0x02, quiet: 0x12, name: "ADD", extras: [8], key: .required, value: .optional),
        Row(opcode: 0x03, quiet: 0x13, name: "REPLACE", extras: [8], key: .required, value: .optional),
        Row(opcode: 0x04, quiet: 0x14, name: "DELETE", extras: [0], key: .required, value: .none),
        Row(opcode: 0x05, quiet: 0x15, name: "INCREMENT", extras: [20], key: .required, value: .none),
        Row(opcode: 0x06, quiet: 0x16, name: "DECREMENT", extras: [20], key: .required, value: .none),
        Row(opcode: 0x07, quiet: 0x17, name: "QUIT", extras: [0], key: .none, value: .none),
        Row(opcode: 0x08, quiet: 0x18, name: "FLUSH", extras: [0, 4], key: .none, value: .none),
        Row(opcode: 0x0A, name: "NOOP", extras: [0], key: .none, value: .none),
        Row(opcode: 0x0B, name: "VERSION", extras: [0], key: .none, value: .none),
        Row(opcode: 0x0E, quiet: 0x19, name: "APPEND", extras: [0], key: .required, value: .optional),
        Row(opcode: 0x0F, quiet: 0x1A, name: "PREPEND", extras: [0], key: .required, value: .optional),
        Row(opcode: 0x10, name: "STAT", extras: [0], key: .optional, value: .none),
        Row(opcode: 0x1B, name: "VERBOSITY", extras: [4], key: .none, value: .none, isKnown: false),
        Row(opcode: 0x1C, name: "TOUCH", extras: [4], key: .required, value: .none),
        Row(opcode: 0x1D, quiet: 0x1E, name: "GAT", extras: [4], key: .required, value: .none),
        Row(opcode: 0x23, quiet: 0x24, name: "GATK", extras: [4], key: .required, value: .none),
        Row(opcode: 0x20, name: "SASL_LIST_MECHS", extras: [0], key: .none, value: .none),
        Row(opcode: 0x21, name: "SASL_AUTH", extras: [0], key: .required, value: .optional),
        Row(opcode: 0x22, name: "SASL_STEP", extras: [0], key: .required, value: .optional),
        Row(opcode: 0x30, name: "RGET", extras: [0], key: .required, value: .none, isKnown: false),
        Row(opcode: 0x31, quiet: 0x32, name: "RSET", extras: [0], key: .required, value: .optional, isKnown: false),
        Row(opcode: 0x33, quiet: 0x34, name: "RAPPEND", extras: [0], key: .required, value: .optional, isKnown: false),
        Row(opcode: 0x35, quiet: 0x36, name: "RPREPEND", extras: [0], key: .required, value: .optional, isKnown: false),
        Row(opcode: 0x37, quiet: 0x38, name: "RDELETE", extras: [0], key: .required, value: .none, isKnown: false),
        Row(opcode: 0x39, quiet: 0x3A, name: "RINCR", extras: [0], key: .required, value: .none, isKnown: false),
        Row(opcode: 0x3B, quiet: 0x3C, name: "RDECR", extras: [0], key: .required, value: .none, isKnown: false),
    ]

    @Test(arguments: protocolRows)
    func `a command has the protocol's opcode, quiet twin and layout`(row: Row) throws {
        let entry = try #require(OpcodeTable.entry(for: Opcode(rawValue: row.opcode)))
        #expect(entry.name == row.name)
        #expect(entry.quietTwin?.rawValue == row.quiet)
        #expect(!entry.isQuiet)
        let quiet = try row.quiet.map { try #require(OpcodeTable.entry(for: Opcode(rawValue: $0))) }
        for form in [entry, quiet].compactMap({ $0 }) {
            #expect(form.extras.byteCounts == row.extras)
            #expect(form.key == row.key)
            #expect(form.value == row.value)
            #expect(form.isKnownToServer == row.isKnown)
        }
        if let quiet {
            #expect(quiet.isQuiet)
            #expect(quiet.quietTwin == nil)
            #expect(quiet.name == row.name + "Q")
        }
    }

    @Test func `the table has the protocol's commands and no others, in order, each once`() {
        let opcodes = OpcodeTable.entries.map(\.opcode.rawValue)
        #expect(opcodes == opcodes.sorted())
        #expect(Set(opcodes).count == opcodes.count)
        #expect(Set(opcodes) == Set(Self.protocolRows.flatMap { [$0.opcode, $0.quiet].compactMap { $0 } }))
        #expect(Set(OpcodeTable.entries.map(\.name)).count == opcodes.count)
    }

    @Test func `each quiet command is the twin of one command, and each twin is quiet`() {
        let twins = OpcodeTable.entries.compactMap(\.quietTwin)
        #expect(Set(twins).count == twins.count)
        #expect(Set(twins) == Set(OpcodeTable.entries.filter(\.isQuiet).map(\.opcode)))
    }

    @Test func `an opcode finds its own row, or none`() {
        let named = Dictionary(uniqueKeysWithValues: OpcodeTable.entries.map { ($0.opcode, $0) })
        for byte in UInt8.min...UInt8.max {
            let opcode = Opcode(rawValue: byte)
            #expect(OpcodeTable.entry(for: opcode) == named[opcode])
        }
    }

    @Test(
        arguments: [
            (.get, 0x00), (.set, 0x01), (.add, 0x02), (.replace, 0x03), (.delete, 0x04), (.increment, 0x05),
            (.decrement, 0x06), (.quit, 0x07), (.flush, 0x08), (.getQuiet, 0x09), (.noop, 0x0A), (.version, 0x0B),
            (.getKey, 0x0C), (.getKeyQuiet, 0x0D), (.append, 0x0E), (.prepend, 0x0F), (.stat, 0x10), (.setQuiet, 0x11),
            (.addQuiet, 0x12), (.replaceQuiet, 0x13), (.deleteQuiet, 0x14), (.incrementQuiet, 0x15),
            (.decrementQuiet, 0x16), (.quitQuiet, 0x17), (.flushQuiet, 0x18), (.appendQuiet, 0x19),
            (.prependQuiet, 0x1A), (.verbosity, 0x1B), (.touch, 0x1C), (.getAndTouch, 0x1D), (.getAndTouchQuiet, 0x1E),
            (.saslListMechanisms, 0x20), (.saslAuthenticate, 0x21), (.saslStep, 0x22), (.getAndTouchKey, 0x23),
            (.getAndTouchKeyQuiet, 0x24),
        ] as [(Opcode, UInt8)]
    )
    func `an opcode's Swift name stands for the protocol's byte`(opcode: Opcode, byte: UInt8) {
        #expect(opcode.rawValue == byte)
    }

    @Test func `a description is the command's name, or the byte`() {
        #expect(Opcode.getKeyQuiet.description == "GETKQ")
        #expect(Opcode.saslListMechanisms.description == "SASL_LIST_MECHS")
        #expect(Opcode(rawValue: 0x50).description == "0x50")
        #expect(Opcode(rawValue: 0xFF).description == "0xff")
    }

    @Test func `presence tells which lengths are allowed`() {
        #expect([0, 1].map(PartPresence.none.allows) == [true, false])
        #expect([0, 1].map(PartPresence.optional.allows) == [true, true])
        #expect([0, 1].map(PartPresence.required.allows) == [false, true])
    }

    @Test func `memcached answered what the table calls known, and nothing else`() throws {
        var answered: Set<Opcode> = []
        for exchange in try VectorRow.all().flatMap(\.exchanges) {
            var reader = ResponseReader()
            reader.receive(exchange.response)
            for header in reader.headers where ![.unknownCommand, .authenticationFailure].contains(header.status) {
                answered.insert(header.opcode)
            }
        }
        #expect(!answered.isEmpty)
        #expect(answered.allSatisfy { OpcodeTable.entry(for: $0)?.isKnownToServer == true })
    }
}
