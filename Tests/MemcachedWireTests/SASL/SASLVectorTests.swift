import MemcachedWire
import Testing

/// The captured authentications.
struct SASLVectorTests {
    /// One request to AUTH or STEP and the status of its answer, when there is one.
    struct Step {
        var mechanism: String
        var data: [UInt8]
        var status: Status?
    }

    private func steps(of row: VectorRow) -> [Step] {
        row.exchanges.flatMap(steps)
    }

    private func steps(of exchange: Exchange) -> [Step] {
        var reader = ResponseReader()
        reader.receive(exchange.response)
        var answers = reader.headers[...]
        var steps: [Step] = []
        for frame in RequestFrame.frames(of: exchange.request) where frame.isSASL && frame.fault == nil {
            let index = answers.firstIndex { $0.opcode == frame.header?.opcode && $0.opaque == frame.header?.opaque }
            let mechanism = String(decoding: frame.key, as: UTF8.self)
            steps.append(Step(mechanism: mechanism, data: frame.value, status: index.map { answers[$0].status }))
            if let index { answers = answers[(index + 1)...] }
        }
        return steps
    }

    @Test(arguments: try VectorRow.all())
    func `a PLAIN message is built from its fields, or the server refused it`(row: VectorRow) throws {
        for step in steps(of: row) where SASLMechanism(step.mechanism) == .plain {
            guard !step.data.isEmpty else {
                // Without data the server asks for it.
                #expect(step.status != .success)
                continue
            }
            let fields = step.data.split(separator: 0, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == 3, !fields[1].isEmpty, !fields[2].isEmpty else {
                #expect(step.status != .success)
                continue
            }
            let message = try SASLPlain.message(authorization: fields[0], user: fields[1], password: fields[2])
            #expect(message == step.data)
            if fields[0].isEmpty {
                #expect(try SASLPlain.message(user: fields[1], password: fields[2]) == step.data)
            }
        }
    }

    @Test func `alice is let in by PLAIN with her password, in AUTH and in STEP, and by nothing else`() throws {
        let right = try SASLPlain.message(user: "alice", password: "s3cret")
        let plain = try VectorRow.sasl().filter(\.isListed).flatMap(steps(of:)).filter { $0.mechanism == "PLAIN" }
        let welcomed = plain.filter { $0.status == .success }
        #expect(!welcomed.isEmpty && welcomed.allSatisfy { $0.data == right })
        let refused = plain.filter { $0.status == .authenticationFailure }
        #expect(refused.contains { $0.data != right })
    }

    @Test(arguments: try VectorRow.all())
    func `a mechanism's name is the key of AUTH and STEP`(row: VectorRow) {
        // Names as RFC 4422 has them, in any case; a server is also sent others, to be refused.
        let isNameByte: (UInt8) -> Bool = { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
        }
        for step in steps(of: row) where step.mechanism.utf8.allSatisfy(isNameByte) {
            #expect(SASLMechanism(step.mechanism).name == step.mechanism.uppercased())
            #expect(SASLMechanism.list(parsing: step.mechanism.utf8) == [SASLMechanism(step.mechanism)])
        }
    }

    @Test func `captured mechanism lists are read as they are written`() throws {
        var lists = 0
        for exchange in try VectorRow.all().flatMap(\.exchanges) {
            var reader = ResponseReader()
            reader.receive(exchange.response)
            var start = 0
            for header in reader.headers {
                let body = exchange.response[start + 24..<start + header.frameLength]
                start += header.frameLength
                guard header.opcode == .saslListMechanisms, header.status == .success else { continue }
                lists += 1
                let names = body.split { $0 == UInt8(ascii: " ") || $0 == 0 }
                    .map { String(decoding: $0, as: UTF8.self).uppercased() }
                #expect(SASLMechanism.list(parsing: body).map(\.name) == names)
            }
        }
        #expect(lists > 0)
    }

    @Test func `the list of a server without mech_list has eleven mechanisms, strongest first`() throws {
        let row = try #require(try VectorRow.sasl().first { $0.name == "sasl_list_mechs" })
        let body = try #require(row.exchanges.first).response.dropFirst(24)
        let names = SASLMechanism.list(parsing: body).map(\.name)
        #expect(names.first == "SCRAM-SHA-512" && names.last == "ANONYMOUS" && names.count == 11)
        #expect(SASLMechanism.list(parsing: body).contains(.plain))
    }
}
