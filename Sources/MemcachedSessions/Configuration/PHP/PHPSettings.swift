import Memcached

/// PHP's settings by name, read as the types that PHP gives them, with errors that name the setting.
struct PHPSettings {
    private let values: [String: String]

    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` for a name that begins as ours do and is unknown.
    init(_ values: [String: String]) throws(MemcachedSessionError) {
        self.values = values
        for name in values.keys.sorted() where PHPSettingNames.isOurs(name) { try Self.check(name) }
    }

    /// The names of what means nothing here.
    var ignored: [String] { values.keys.filter { !PHPSettingNames.applied.contains($0) }.sorted() }

    static func check(_ name: String) throws(MemcachedSessionError) {
        guard !PHPSettingNames.applied.contains(name), !PHPSettingNames.withoutMeaning.contains(name) else { return }
        let advice = PHPSettingNames.suggestion(for: name).map { "; did you mean \($0)?" } ?? ""
        throw fault(name, "there is no such setting\(advice)")
    }

    static func fault(_ name: String, _ advice: String) -> MemcachedSessionError {
        MemcachedSessionError(.invalidConfiguration, "PHP setting \(presentable(name)): \(advice)")
    }

    /// A name as errors may show it: printable ASCII, of bounded length.
    static func presentable(_ name: some StringProtocol) -> String {
        String(name.unicodeScalars.prefix(100).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
    }

    func text(_ name: String) -> String? { values[name] }

    /// `On`, `Yes`, `True`, 1 or `Off`, `No`, `False`, `None`, `Null`, 0 and nothing.
    func flag(_ name: String) throws(MemcachedSessionError) -> Bool? {
        guard let text = values[name]?.trimmingBlanks().lowercased() else { return nil }
        switch text {
        case "1", "on", "yes", "true": return true
        case "", "0", "off", "no", "false", "none", "null": return false
        default: throw Self.fault(name, "it is a switch: write On or Off")
        }
    }

    /// A whole number in a range.
    func number(_ name: String, _ range: ClosedRange<Int>) throws(MemcachedSessionError) -> Int? {
        guard let text = values[name]?.trimmingBlanks() else { return nil }
        let isNegative = text.hasPrefix("-")
        guard
            let magnitude = Int(decimalDigits: isNegative ? text.dropFirst() : text[...]),
            range.contains(isNegative ? -magnitude : magnitude)
        else { throw Self.fault(name, "it has to be a whole number from \(range.lowerBound) to \(range.upperBound)") }
        return isNegative ? -magnitude : magnitude
    }
}
