import Foundation
import MemcachedWire

/// Why a captured row cannot be read.
enum VectorError: Error {
    case notHexadecimal(String)
    case trailingTextIsNotTheEnd
}

/// A row of `wire.jsonl` as it is written.
struct WireJSON: Decodable {
    struct Suffix: Decodable {
        var repeat_byte: String
        var count: Int
        var then_hex: String
    }

    /// A request stream in hexadecimal, or its head and its whole length.
    enum Preparation: Decodable {
        case whole(String)
        case head(String, length: Int)

        private enum Keys: CodingKey {
            case head_hex
            case length
        }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .whole(text)
            } else {
                let container = try decoder.container(keyedBy: Keys.self)
                self = .head(
                    try container.decode(String.self, forKey: .head_hex),
                    length: try container.decode(Int.self, forKey: .length)
                )
            }
        }

        func bytes() throws -> [UInt8] {
            switch self {
            case .whole(let text):
                return try bytesFromHexadecimal(text)
            case .head(let text, let length):
                let head = try bytesFromHexadecimal(text)
                guard let last = head.last else { throw VectorError.notHexadecimal(text) }
                return head + Array(repeating: last, count: length - head.count)
            }
        }
    }

    var name: String
    var request_hex: String
    var request_suffix: Suffix?
    var prepare_hex: [Preparation]?
    var response_hex: String
    var statuses: [String]
    var trailing_not_binary: String?

    init(line: String) throws {
        self = try JSONDecoder().decode(WireJSON.self, from: Data(line.utf8))
    }

    func row(isListed: Bool) throws -> VectorRow {
        var request = try bytesFromHexadecimal(request_hex)
        if let suffix = request_suffix {
            for byte in try bytesFromHexadecimal(suffix.repeat_byte) {
                request += Array(repeating: byte, count: suffix.count)
            }
            request += try bytesFromHexadecimal(suffix.then_hex)
        }
        let response = try bytesFromHexadecimal(response_hex)
        let trailing = try bytesFromHexadecimal(trailing_not_binary ?? "")
        guard response.suffix(trailing.count).elementsEqual(trailing) else {
            throw VectorError.trailingTextIsNotTheEnd
        }
        let exchange = Exchange(
            preparation: try prepare_hex?.map { try $0.bytes() } ?? [],
            request: request,
            response: response,
            statuses: try statuses.map(status(fromText:)),
            trailingText: trailing
        )
        return VectorRow(name: name, isListed: isListed, exchanges: [exchange])
    }
}

/// A row of `sasl_wire.jsonl` as it is written.
struct SASLWireJSON: Decodable {
    struct Step: Decodable {
        var request_hex: String
        var response_hex: String
        var status: String?
    }

    var name: String
    var steps: [Step]

    init(line: String) throws {
        self = try JSONDecoder().decode(SASLWireJSON.self, from: Data(line.utf8))
    }

    func row(isListed: Bool) throws -> VectorRow {
        let exchanges = try steps.map { step in
            Exchange(
                request: try bytesFromHexadecimal(step.request_hex),
                response: try bytesFromHexadecimal(step.response_hex),
                statuses: try step.status.map { [try status(fromText: $0)] } ?? []
            )
        }
        return VectorRow(name: name, isListed: isListed, exchanges: exchanges)
    }
}

/// The bytes that a text of hexadecimal digits stands for.
func bytesFromHexadecimal(_ text: String) throws -> [UInt8] {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2) else { throw VectorError.notHexadecimal(text) }
    return try stride(from: 0, to: digits.count, by: 2)
        .map { index in
            guard let high = digits[index], let low = digits[index + 1] else { throw VectorError.notHexadecimal(text) }
            return UInt8(high * 16 + low)
        }
}

private func status(fromText text: String) throws -> Status {
    guard text.hasPrefix("0x"), let word = UInt16(text.dropFirst(2), radix: 16) else {
        throw VectorError.notHexadecimal(text)
    }
    return Status(rawValue: word)
}
