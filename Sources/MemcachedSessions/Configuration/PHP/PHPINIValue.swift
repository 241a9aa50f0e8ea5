/// Reads the value of a setting as PHP's scanner does, or says what PHP would misread.
///
/// A value is made of pieces: bare text, `"text"` with `${NAME}`, `'text'` as it is. A semicolon outside of quotes begins
/// a comment. Blanks beside a piece in double quotes do not count, and a bare `None` is an empty value.
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
        if let meaning = Self.keywords[word.lowercased()] {
            let next = rest.dropFirst(word.count).drop(while: \.isWhitespace).first
            guard next == nil || next == ";" else { throw keywordFault }
            return meaning
        }
        var trailingBlanks = ""
        var isBehindQuote = false
        // Whether what comes next may be one of the keywords.
        var isWordStart = true
        while let character = rest.first {
            if character == ";" {
                // `h:1;h:2` is a list cut short, and not a comment.
                guard !isList || value.isEmpty || !trailingBlanks.isEmpty else {
                    throw Fault(
                        advice: "an unquoted semicolon begins a comment; quote the value, or put a blank before"
                    )
                }
                return value
            }
            if character.isWhitespace {
                trailingBlanks.append(character)
                rest.removeFirst()
                isWordStart = true
                continue
            }
            // Blanks before and behind a piece in double quotes do not count.
            if character != "\"", !isBehindQuote { value += trailingBlanks }
            trailingBlanks = ""
            isBehindQuote = character == "\""
            if isWordStart, Self.keywords[word.lowercased()] != nil { throw keywordFault }
            isWordStart = "\"'\\".contains(character)
            switch character {
            case "\"": try appendQuoted()
            case "'": try appendLiteral()
            case "$" where rest.dropFirst().first == "{":
                try appendVariable()
                isWordStart = true
            case "$", "\\":
                // PHP's scanner goes astray where something else than a letter or digit comes behind.
                guard rest.dropFirst().first?.isPlain == true else { throw syntaxFault(character) }
                appendCharacter()
            case "=", "&", "|", "^", "~", "(", ")", "{", "}", "!": throw syntaxFault(character)
            default: appendCharacter()
            }
        }
        return value
    }

    private mutating func appendCharacter() { value.append(rest.removeFirst()) }

    /// What an unquoted word means to PHP when it is the whole value; beside anything else it is an error there.
    private static let keywords = [
        "true": "1", "on": "1", "yes": "1", "false": "", "off": "", "no": "", "none": "", "null": "",
    ]

    /// The unquoted word that comes next.
    private var word: Substring {
        let word = rest.prefix { !$0.isWhitespace && !";\"'".contains($0) }
        return word.firstRange(of: "${").map { word[..<$0.lowerBound] } ?? word
    }

    private var keywordFault: Fault {
        Fault(advice: "PHP takes an unquoted \(word) for a word of its own; quote the value")
    }

    private func syntaxFault(_ character: Character) -> Fault {
        Fault(advice: "PHP takes an unquoted \(character) for syntax; quote the value")
    }

    private mutating func appendQuoted() throws(Fault) {
        rest.removeFirst()
        while let character = rest.first {
            switch character {
            case "\"":
                rest.removeFirst()
                return
            case "\\" where rest.dropFirst().first.map { "\"\\$".contains($0) } ?? false:
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
        let literal = rest[..<end]
        rest = rest[rest.index(after: end)...]
        if literal.isEmpty {
            let next = rest.drop(while: \.isWhitespace).first
            guard value.isEmpty, next == nil || next == ";" else {
                throw Fault(advice: "PHP's scanner goes astray at '' beside something else; leave it out")
            }
        }
        value += literal
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

extension Character {
    /// A letter, digit or underscore of ASCII.
    fileprivate var isPlain: Bool { isASCII && (isLetter || isNumber || self == "_") }
}
