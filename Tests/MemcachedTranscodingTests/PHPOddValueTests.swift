import Memcached
import MemcachedZlib
import NIOCore
import Testing

/// Flags and bytes that PHP would not write, against what PHP makes of them.
@Suite struct PHPOddValueTests {
    /// The rows that are judged otherwise than by PHP, and why.
    private static let differences = [
        "int type non numeric": "PHP reads 0; what is no number is an error here",
        "int type overflow": "PHP reads its largest integer; a number that does not fit is an error here",
        "int type empty": "PHP reads 0; nothing is no number here",
        "float type garbage": "PHP reads 0.0; what is no number is an error here",
        "float type inf php": "PHP reads 0.0, for its own spelling is Infinity; an error here",
        "bool true": "PHP reads false, though somebody meant true; an error here",
        "json broken": "PHP reads null and reports success; an error here",
        "zlib huge length": "PHP allocates the 2 GiB that the header announces and dies; here the stream is read",
        "pecl/memcache: serialized flag 1 (collides with int)": "PHP reads 0; what is no number is an error here",
        "pecl/memcache: compressed flag 2 (collides with float)": "PHP reads 0.0; what is no number is an error here",
        "dalli marshal flag 1": "PHP reads 0; what is no number is an error here",
    ]

    private let transcoder = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])

    @Test(arguments: try OddRow.all())
    func `what PHP would not write is judged as PHP judges it`(row: OddRow) throws {
        let agrees = try row.isSerialized ? handsOver(row) : agrees(on: row)
        #expect(agrees == (Self.differences[row.name] == nil))
    }

    @Test func `each listed difference is a row`() throws {
        let names = Set(try OddRow.all().map(\.name))
        #expect(Self.differences.keys.allSatisfy(names.contains))
    }

    @Test(arguments: try OddRow.all())
    func `whatever cannot be read is a decoding error that shows nothing of it`(row: OddRow) {
        let shown = String(decoding: row.bytesBase64, as: UTF8.self)
        for error in transcoder.refusals(of: row.payload) {
            #expect(error.code == .decodingFailed)
            #expect(shown.count < 4 || !error.description.contains(shown))
        }
    }

    private func agrees(on row: OddRow) throws -> Bool {
        guard let answer = row.php, answer.result == "SUCCESS" else {
            return transcoder.refusals(of: row.payload).count == 6
        }
        do throws(MemcachedError) {
            switch answer.get {
            case .null:
                return try transcoder.decode(JSONValue?.self, from: row.payload) == nil
            case .boolean(let expected):
                return try transcoder.decode(Bool.self, from: row.payload) == expected
            case .integer(let expected):
                return try transcoder.decode(Int64.self, from: row.payload) == expected
            case .float(let bits):
                return try transcoder.decode(Double.self, from: row.payload).bitPattern == bits
            case .string(let count, let sha1):
                let value = try transcoder.decode([UInt8].self, from: row.payload)
                return value.count == count && SHA1.digest(value) == sha1
            case .structure(let expected):
                return try transcoder.decode(JSONValue.self, from: row.payload) == expected
            }
        } catch {
            return false
        }
    }

    /// Of serialised values the transcoder's part is to hand their bytes to the right serializer, and to make a decoding
    /// error of its refusal.
    private func handsOver(_ row: OddRow) throws -> Bool {
        let stub = try #require(StubSerializer(type: row.flags & 0xF))
        var transcoder = transcoder
        transcoder.deserializers = [stub]
        let refusal = failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: row.payload) }
        guard refusal?.code == .decodingFailed, refusal?.cause is StubSerializer.Refusal else { return false }
        let plain = row.name == "zlib serialized" ? Array("a:1:{i:0;i:1;}".utf8) : Array(row.bytesBase64)
        return stub.received == [ByteBuffer(bytes: plain)]
    }

    @Test func `a header that announces 2 GiB makes nobody allocate them`() throws {
        let row = try #require(try OddRow.all().first { $0.name == "zlib huge length" })
        let value = try transcoder.decode(ByteBuffer.self, from: row.payload)
        #expect(value == ByteBuffer(string: "x"))
        #expect(value.storageCapacity <= 128 << 10)
    }
}
