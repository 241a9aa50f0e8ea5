/// Reads the value of a setting as PHP's scanner does, or says what PHP would misread.
///
/// A value is made of pieces: bare text, `"text"` with `${NAME}`, `'text'` as it is. A semicolon outside of quotes begins
/// a comment.
struct PHPINIValue {
    /// What is wrong with a value.
    struct Fault: Error, Equatable {
        var advice: String
    }

    private var rest: Substring
    private let environment: [String: String]
    private let isList: Bool
    private var value = ""

    private init(_ text: Substring, _ environment: [String: String], isList: Bool) {
        self.rest = text
        self.environment = environment
        self.isList = isList
    }

    /// - Parameters:
    ///   - text: What stands behind the `=`.
    ///   - environment: What `${NAME}` stands for.
    ///   - isList: Whether a semicolon right behind something is rather a mistaken separator than a comment.
    /// - Returns: The value.
    /// - Throws: ``Fault``.
    static func parse(
        _ text: Substring,
        environment: [String: String],
        isList: Bool = false
    ) throws(Fault) -> String {
        var parser = PHPINIValue(text.drop(while: \.isWhitespace), environment, isList: isList)
        return try parser.parsed()
    }

    private mutating func parsed() throws(Fault) -> String {
        var trailingBlanks = ""
        while let character = rest.first {
            switch character {
            case ";":
                // `h:1;h:2` is a list cut short, and not a comment.
                guard !isList || value.isEmpty || !trailingBlanks.isEmpty else {
                    throw Fault(
                        advice: "an unquoted semicolon begins a comment; quote the value, or put a blank before"
                    )
                }
                return value
            case _ where character.isWhitespace:
                trailingBlanks.append(character)
                rest.removeFirst()
                continue
            default:
                value += trailingBlanks
                trailingBlanks = ""
            }
            switch character {
            case "\"": try appendQuoted()
            case "'": try appendLiteral()
            case "$" where rest.dropFirst().first == "{": try appendVariable()
            case "=", "&", "|", "^", "~", "(", ")", "{", "}", "!":
                throw Fault(advice: "PHP takes an unquoted \(character) for syntax; quote the value")
            default:
                value.append(character)
                rest.removeFirst()
            }
        }
        return value
    }

    private mutating func appendQuoted() throws(Fault) {
        rest.removeFirst()
        while let character = rest.first {
            switch character {
            case "\"":
                rest.removeFirst()
                return
            case "\\" where rest.dropFirst().first.map { "\"\\'".contains($0) } ?? false:
                rest.removeFirst()
                value.append(rest.removeFirst())
            case "$" where rest.dropFirst().first == "{":
                try appendVariable()
            default:
                value.append(character)
                rest.removeFirst()
            }
        }
        throw Fault(advice: "the closing quote is missing")
    }

    private mutating func appendLiteral() throws(Fault) {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: "'") else { throw Fault(advice: "the closing quote is missing") }
        value += rest[..<end]
        rest = rest[rest.index(after: end)...]
    }

    /// `${NAME}`, and since PHP 8.3 `${NAME:-default}`.
    private mutating func appendVariable() throws(Fault) {
        rest.removeFirst(2)
        guard let end = rest.firstIndex(of: "}") else { throw Fault(advice: "the closing brace of ${ is missing") }
        let reference = rest[..<end]
        rest = rest[rest.index(after: end)...]
        let name: Substring
        var replacement: Substring?
        if let separator = reference.firstRange(of: ":-") {
            name = reference[..<separator.lowerBound]
            replacement = reference[separator.upperBound...]
        } else {
            name = reference
        }
        guard let found = environment[String(name)] ?? replacement.map({ String($0) }) else {
            throw Fault(
                advice:
                    "the environment variable \(PHPSettings.presentable(name)) is not set; PHP would read an empty text"
            )
        }
        value += found
    }
}
