import MemcachedWire
import Testing

/// What was sent on one connection and what came back.
struct Exchange: Sendable {
    /// Whole request streams that were sent before, on another connection.
    var preparation: [[UInt8]] = []
    var request: [UInt8]
    var response: [UInt8]
    /// The status word of each response frame.
    var statuses: [Status]
    /// The text that follows the frames.
    var trailingText: [UInt8] = []
}

/// One captured row: an exchange of `wire.jsonl`, or a connection of several exchanges of `sasl_wire.jsonl`.
struct VectorRow: Sendable, CustomTestStringConvertible {
    var name: String
    /// Whether it stands in a file whose malformed rows are listed by name.
    var isListed: Bool
    var exchanges: [Exchange]

    var testDescription: String { name }

    /// Every row of every file.
    static func all() throws -> [VectorRow] {
        try wire() + sasl()
    }

    /// The rows of `wire*.jsonl`.
    static func wire() throws -> [VectorRow] {
        try loadedWire.get()
    }

    /// The rows of `sasl_wire*.jsonl`.
    static func sasl() throws -> [VectorRow] {
        try loadedSASL.get()
    }

    private static let loadedWire = Result {
        try VectorFolder.lines(filesBeginningWith: "wire")
            .map { file, line in
                try WireJSON(line: line).row(isListed: file == "wire.jsonl")
            }
    }

    private static let loadedSASL = Result {
        try VectorFolder.lines(filesBeginningWith: "sasl_wire")
            .map { file, line in
                try SASLWireJSON(line: line).row(isListed: file == "sasl_wire.jsonl")
            }
    }
}
