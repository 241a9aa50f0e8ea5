#if HummingbirdSupport
/// The cookies of a request, as far as sessions look at them.
struct RequestCookies {
    private let headers: [String]

    /// - Parameter headers: The values of all `Cookie` headers of a request.
    init(_ headers: [String]) {
        self.headers = headers
    }

    /// The value of the only cookie of a name.
    ///
    /// Two of one name count as none: one of them was set for another path or domain, perhaps by somebody else, and
    /// nothing in the request tells which.
    ///
    /// - Parameter name: The name, case and all.
    /// - Returns: The value with its percent escapes resolved, as PHP writes a comma; nil for none or several.
    func onlyValue(of name: String) -> String? {
        var found: Substring?
        for header in headers {
            for pair in header.split(separator: ";") {
                guard let equals = pair.firstIndex(of: "=") else { continue }
                guard Self.trimmed(pair[..<equals]) == name else { continue }
                guard found == nil else { return nil }
                found = Self.trimmed(pair[pair.index(after: equals)...])
            }
        }
        return found.map(Self.unescaped)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    /// Resolves `%2C` and its like; what is no escape stays.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16), rest.count >= 2,
                rest.prefix(2).allSatisfy(Self.isHexDigit)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }
}
#endif
