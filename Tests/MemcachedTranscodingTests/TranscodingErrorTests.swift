import Foundation
import Memcached
import NIOCore
import Testing

/// What errors say, and that they say nothing of the values.
@Suite struct TranscodingErrorTests {
    private let secret = "hunter2"

    private func error<Value: Decodable & Sendable>(reading json: String, as type: Value.Type) -> MemcachedError? {
        let payload = MemcachedPayload(bytes: ByteBuffer(string: json))
        return failure { () throws(MemcachedError) in try MemcachedStandardTranscoder().decode(type, from: payload) }
    }

    @Test func `an error of JSON says what is wrong and where`() {
        let cases: [(json: String, text: String)] = [
            (#"{"name":"hunter2"}"#, "a member is missing at addresses"),
            (#"{"name":"n","addresses":[{"street":"hunter2"}],"notes":{}}"#, "is missing at addresses[0].number"),
            (
                #"{"name":"n","addresses":[{"street":"s","number":"hunter2"}],"notes":{}}"#,
                "Int belongs at addresses[0].number"
            ),
            (#"{"name":"n","addresses":[],"notes":{"hunter2":"hunter2"}}"#, "Int belongs at notes.*"),
            (#"{"name":null,"addresses":[],"notes":{}}"#, "null where a String belongs at name"),
            (#"hunter2"#, "not JSON"),
        ]
        for (json, text) in cases {
            let error = error(reading: json, as: User.self)
            #expect(error?.code == .decodingFailed)
            #expect(error?.outcome == .rejected)
            #expect(error?.detail.contains("User") == true)
            #expect(error?.detail.contains(text) == true, "\(error?.detail ?? "")")
        }
    }

    @Test func `a number of JSON that is out of range is not shown`() {
        let error = error(reading: #"[1234567890123]"#, as: [Int8].self)
        #expect(error?.code == .decodingFailed)
        #expect(error?.detail.contains("its type refuses") == true)
        #expect(error?.detail.contains("123456") == false)
    }

    @Test func `no error shows a value`() {
        let texts = [
            #"{"name":"hunter2"}"#, #"{"hunter2":1}"#, "hunter2", #""hunter2""#, #"["hunter2"]"#, "{hunter2",
            #"{"name":"n","addresses":[],"notes":{"hunter2":null}}"#,
        ]
        for text in texts {
            let errors = [
                error(reading: text, as: User.self), error(reading: text, as: Int.self),
                error(reading: text, as: Double.self), error(reading: text, as: Bool.self),
                error(reading: text, as: [Int].self), error(reading: text, as: Colour.self),
            ]
            for case let error? in errors {
                #expect(!error.description.contains(secret))
                #expect(!String(reflecting: error.cause).contains(secret))
            }
        }
        #expect(error(reading: #""hunter2""#, as: Colour.self) != nil)
    }

    @Test func `what JSON cannot say is refused without being shown`() {
        let transcoder = MemcachedStandardTranscoder()
        let error = failure { () throws(MemcachedError) in try transcoder.encode(["hunter2": [Double.infinity]]) }
        #expect(error?.code == .encodingFailed)
        #expect(error?.outcome == .notSent)
        #expect(error?.description.contains(secret) == false)
        #expect(error?.detail.contains("a Double at *[0]") == true, "\(error?.detail ?? "")")
    }

    @Test func `errors of types are told by the name of their type`() {
        let transcoder = MemcachedStandardTranscoder()
        let encoding = failure { () throws(MemcachedError) in try transcoder.encode(Refusing()) }
        #expect(encoding?.code == .encodingFailed)
        #expect(encoding?.detail.contains("Refusal") == true)
        let decoding = error(reading: "{}", as: Refusing.self)
        #expect(decoding?.code == .decodingFailed)
        #expect(decoding?.detail.contains("Refusal") == true)
    }

    @Test func `an error of a user's transcoder becomes the cause of one of ours`() {
        let transcoder = UpperCase()
        let encoding = failure { () throws(MemcachedError) in try transcoder.payload(of: 5) }
        #expect(encoding?.code == .encodingFailed)
        #expect(encoding?.outcome == .notSent)
        #expect(encoding?.cause is Refusing.Refusal)
        let payload = MemcachedPayload(bytes: ByteBuffer(string: "ABC"))
        let decoding = failure { () throws(MemcachedError) in try transcoder.value(Int.self, of: payload) }
        #expect(decoding?.code == .decodingFailed)
        #expect(decoding?.outcome == .rejected)
        #expect(decoding?.cause is Refusing.Refusal)
        #expect(failure { () throws(MemcachedError) in try transcoder.value(String.self, of: payload) } == nil)
    }

    @Test func `the encoder and decoder of JSON are the user's`() throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let date = Date(timeIntervalSince1970: 0)
        let transcoders: [any MemcachedTranscoder] = [
            MemcachedStandardTranscoder(jsonEncoder: encoder, jsonDecoder: decoder),
            MemcachedPHPTranscoder(jsonEncoder: encoder, jsonDecoder: decoder),
        ]
        for transcoder in transcoders {
            let payload = try transcoder.payload(of: date)
            #expect(String(buffer: payload.bytes) == #""1970-01-01T00:00:00Z""#)
            #expect(try transcoder.value(Date.self, of: payload) == date)
        }
    }
}

/// A type that neither becomes JSON nor comes from it.
private struct Refusing: Codable {
    struct Refusal: Error { let value = "hunter2" }

    init() {}

    init(from decoder: any Decoder) throws { throw Refusal() }

    func encode(to encoder: any Encoder) throws { throw Refusal() }
}

/// A transcoder as a user would write one.
private struct UpperCase: MemcachedTranscoder {
    func encode<Value: Encodable & Sendable>(_ value: Value) throws -> MemcachedPayload {
        guard let text = value as? String else { throw Refusing.Refusal() }
        return MemcachedPayload(bytes: ByteBuffer(string: text.uppercased()))
    }

    func decode<Value: Decodable & Sendable>(_ type: Value.Type, from payload: MemcachedPayload) throws -> Value {
        guard let text = String(buffer: payload.bytes) as? Value else { throw Refusing.Refusal() }
        return text
    }
}
