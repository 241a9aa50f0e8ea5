import Foundation
import Memcached
import MemcachedZlib
import NIOCore
import Testing

/// What PHP stored, read and written again.
@Suite struct PHPValueVectorTests {
    /// The rows that mean something else here than to PHP, and why.
    private static let differences = [
        "encoding key 0":
            "encrypted by setEncodingKey, flags 0: nothing tells it from a string, and the key is PHP's alone"
    ]

    @Test(arguments: try ValueRow.all())
    func `a value of PHP is read as what PHP gets back`(row: ValueRow) throws {
        let disagreement = try disagreement(over: row)
        if Self.differences[row.name] != nil {
            #expect(disagreement != nil, "listed as a difference and is none")
        } else {
            #expect(disagreement == nil)
        }
    }

    @Test func `each listed difference is a row`() throws {
        let names = Set(try ValueRow.all().map(\.name))
        #expect(Self.differences.keys.allSatisfy(names.contains))
    }

    private func disagreement(over row: ValueRow) throws -> String? {
        let transcoder = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])
        if row.isSerialized { return try serializedDisagreement(over: row) }
        switch row.phpGetBack {
        case .null:
            let value = try transcoder.decode(JSONValue?.self, from: row.payload)
            return value == nil ? nil : "not nil"
        case .boolean(let expected):
            let value = try transcoder.decode(Bool.self, from: row.payload)
            return value == expected ? nil : "\(value)"
        case .integer(let expected):
            let value = try transcoder.decode(Int64.self, from: row.payload)
            return value == expected ? nil : "\(value)"
        case .float(let bits):
            let value = try transcoder.decode(Double.self, from: row.payload)
            return value.bitPattern == bits ? nil : "\(value)"
        case .string(let count, let sha1):
            let value = try transcoder.decode([UInt8].self, from: row.payload)
            guard value.count == count, SHA1.digest(value) == sha1 else { return "other bytes" }
            guard let text = String(validating: value, as: UTF8.self) else { return nil }
            return try transcoder.decode(String.self, from: row.payload) == text ? nil : "another text"
        case .structure(let expected):
            let value = try transcoder.decode(JSONValue.self, from: row.payload)
            return value == expected ? nil : "\(value)"
        }
    }

    /// Of serialised values the transcoder's part is to hand their bytes to the right serializer.
    private func serializedDisagreement(over row: ValueRow) throws -> String? {
        let without = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])
        guard without.refusals(of: row.payload).allSatisfy({ $0.detail.contains("MemcachedPHPSerializer") }) else {
            return "without a serializer the error does not ask for one"
        }
        let stub = try #require(StubSerializer(type: row.type))
        let with = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()], deserializers: [stub])
        guard try with.decode(String.self, from: row.payload) == "deserialised" else { return "not its answer" }
        let received = Array(try #require(stub.received.first).readableBytesView)
        guard row.isCompressed else { return received == Array(row.bytesBase64) ? nil : "not the stored bytes" }
        let expected = try #require(try SerializedRow.all()[row.name])
        return received.count == expected.length && SHA1.digest(received) == expected.sha1 ? nil : "other bytes"
    }

    @Test(arguments: try ValueRow.all())
    func `a value is written with the flags and bytes of PHP`(row: ValueRow) throws {
        let written = try rewritten(row)
        #expect(written.flags == row.flags || Self.differences[row.name] != nil)
        if row.isZlib {
            // The bytes of a stream are the affair of the zlib that is installed.
            #expect(written.bytes.readableBytesView.prefix(4).elementsEqual(row.bytesBase64.prefix(4)))
            let zlib = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])
            let asString = { MemcachedPayload(bytes: $0, flags: 0x30) }
            #expect(
                try zlib.decode([UInt8].self, from: asString(written.bytes))
                    == zlib.decode([UInt8].self, from: asString(row.payload.bytes))
            )
        } else {
            #expect(written.bytes == row.payload.bytes)
        }
    }

    private func rewritten(_ row: ValueRow) throws -> MemcachedPayload {
        let transcoder = try configured(as: row)
        switch row.phpGetBack {
        case _ where row.isSerialized, .null: return try transcoder.encode(JSONValue?.none)
        case .boolean(let value): return try transcoder.encode(value)
        case .integer(let value): return try transcoder.encode(value)
        case .float(let bits): return try transcoder.encode(Double(bitPattern: bits))
        case .string: return try transcoder.encode(transcoder.decode([UInt8].self, from: row.payload))
        case .structure(let value): return try transcoder.encode(value)
        }
    }

    /// A transcoder with the settings that PHP had.
    private func configured(as row: ValueRow) throws -> MemcachedPHPTranscoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var transcoder = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()], jsonEncoder: encoder)
        if row.options.compression != false {
            transcoder.compression = row.options.compressionType == 1 ? .zlib : .fastLZ
        }
        transcoder.userFlags = row.options.userFlags ?? 0
        if row.isSerialized {
            let spy = try #require(StubSerializer(type: row.type))
            transcoder.deserializers = [spy]
            _ = try transcoder.decode(String.self, from: row.payload)
            transcoder.serializer = StubSerializer(type: row.type, giving: try #require(spy.received.first))
        }
        return transcoder
    }
}
