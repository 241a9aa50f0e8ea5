import Foundation
import Testing

/// The responses of the captures in `Fixtures/wire`; that folder's README says where they come from.
struct WireVector: Sendable, CustomTestStringConvertible {
    /// One exchange on a connection.
    struct Step: Sendable {
        var request: [UInt8]
        /// Frames of the binary protocol, without a text that may follow.
        var response: [UInt8]
    }

    var name: String
    var steps: [Step]

    var testDescription: String { name }

    /// All rows that begin with at least one frame.
    static func answered() throws -> [WireVector] {
        try (wire.get() + sasl.get()).filter { $0.steps.contains { !$0.response.isEmpty } }
    }

    /// The row of `sasl_wire.jsonl` with a name.
    static func sasl(named name: String) throws -> WireVector {
        try #require(try sasl.get().first { $0.name == name })
    }

    private struct WireRow: Decodable {
        var name: String
        var request_hex: String
        var response_hex: String
        var trailing_not_binary: String?
    }

    private struct SASLRow: Decodable {
        struct Step: Decodable {
            var request_hex: String
            var response_hex: String
            var status: String?
        }

        var name: String
        var steps: [Step]
    }

    private static let wire = Result {
        try lines("wire.jsonl", of: WireRow.self)
            .map { row in
                let text = try bytes(row.trailing_not_binary ?? "")
                let step = Step(
                    request: try bytes(row.request_hex),
                    response: try bytes(row.response_hex).dropLast(text.count)
                )
                return WireVector(name: row.name, steps: [step])
            }
    }

    private static let sasl = Result {
        try lines("sasl_wire.jsonl", of: SASLRow.self)
            .map { row in
                let steps = try row.steps.map { step in
                    Step(
                        request: try bytes(step.request_hex),
                        response: step.status == nil ? [] : try bytes(step.response_hex)
                    )
                }
                return WireVector(name: row.name, steps: steps)
            }
    }

    private static func lines<Row: Decodable>(_ file: String, of type: Row.Type) throws -> [Row] {
        let url = URL(filePath: #filePath)
            .deletingLastPathComponent()  // Support
            .deletingLastPathComponent()  // MemcachedTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures/wire/\(file)")
        return try Data(contentsOf: url)
            .split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(type, from: $0) }
    }

    private struct NotHexadecimal: Error {}

    private static func bytes(_ hexadecimal: String) throws -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        guard digits.count == hexadecimal.count, digits.count.isMultiple(of: 2) else { throw NotHexadecimal() }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
