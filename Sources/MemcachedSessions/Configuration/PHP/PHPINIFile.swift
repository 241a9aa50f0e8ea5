import Memcached

/// The settings in a `php.ini` or `.user.ini`, each with its line and its text as it stands there.
///
/// Plain data. Values are taken apart only when somebody wants them: of the settings that are not for sessions some use
/// syntax (`E_ALL & ~E_NOTICE`) that means nothing here. Source: PHP's manual, "The configuration file", and the
/// scanner `Zend/zend_ini_scanner.l`.
struct PHPINIFile: Sendable {
    struct Setting: Hashable, Sendable {
        var name: String
        var line: Int
        /// What stands behind the `=`; nil where there is none.
        var text: Substring?
        /// Whether it holds only for some hosts or paths (`[HOST=…]`, `[PATH=…]`).
        var isConditional: Bool
    }

    /// In the order of the file.
    let settings: [Setting]

    init(_ text: String) {
        var settings: [Setting] = []
        var isConditional = false
        // "\r\n" is one character.
        let lines = text.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = line.drop(while: \.isWhitespace)
            guard let first = line.first, first != ";", first != "#" else { continue }
            if first == "[" {
                let section = line.dropFirst().uppercased()
                isConditional = section.hasPrefix("HOST=") || section.hasPrefix("PATH=")
                continue
            }
            let equals = line.firstIndex(of: "=")
            let name = line[..<(equals ?? line.endIndex)].trimmingBlanks()
            settings.append(
                Setting(
                    name: name,
                    line: index + 1,
                    text: equals.map { line[line.index(after: $0)...] },
                    isConditional: isConditional
                )
            )
        }
        self.settings = settings
    }
}
