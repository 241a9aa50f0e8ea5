import NIOCore

/// The bytes of a string, integer, float or boolean of PHP.
///
/// PHP turns whatever it finds into the type that the flags say, and what is no number into 0. Here that is an error.
/// Integers and floats are read as each other where nothing is lost, for PHP itself changes between them: `10 / 2` is
/// an integer and `11 / 2` is not. Strings are read as numbers, because the server makes a string of a counter.
struct PHPSource: PlainSource {
    let type: PHPValueType
    let stored: ByteBuffer

    func bytes() throws(MemcachedError) -> ByteBuffer {
        guard type == .string else { throw refusal(of: "bytes") }
        return stored
    }

    func text() throws(MemcachedError) -> String {
        guard type == .string else { throw refusal(of: "a String") }
        return try PlainText.text(stored)
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(MemcachedError) -> Integer {
        switch self.type {
        case .string, .integer:
            return try PlainText.integer(stored, as: type)
        case .float:
            guard let integer = Integer(exactly: try number(Double.self)) else {
                throw TranscodingFault.decoding("the value is a PHP float that no \(type) is equal to")
            }
            return integer
        default:
            throw refusal(of: "an \(type)")
        }
    }

    func number<Number: DecimalNumber>(_ type: Number.Type) throws(MemcachedError) -> Number {
        guard self.type == .string || self.type == .integer || self.type == .float else {
            throw refusal(of: "a \(type)")
        }
        let bytes = stored.readableBytesView
        if bytes.elementsEqual("Infinity".utf8) { return .infinity }
        if bytes.elementsEqual("-Infinity".utf8) { return -.infinity }
        // PHP writes the sign of a NaN, and does not read it.
        if bytes.elementsEqual("NaN".utf8) || bytes.elementsEqual("-NaN".utf8) { return .nan }
        switch DecimalText.finite(bytes, as: type) {
        case .value(let value): return value
        case .outOfRange: throw TranscodingFault.decoding("the stored number does not fit into \(type)")
        case .notANumber: throw TranscodingFault.decoding("the value is not a decimal number, so it is no \(type)")
        }
    }

    func boolean() throws(MemcachedError) -> Bool {
        guard type == .boolean else { throw refusal(of: "a Bool") }
        let bytes = stored.readableBytesView
        if bytes.elementsEqual("1".utf8) { return true }
        if bytes.isEmpty || bytes.elementsEqual("0".utf8) { return false }
        throw TranscodingFault.decoding("the value is flagged as a PHP boolean and is neither 1 nor empty")
    }

    private func refusal(of wanted: String) -> MemcachedError {
        TranscodingFault.decoding("the value is a PHP \(type.description), not \(wanted)")
    }
}
