/// Settings that make the application worse on purpose, to show what it would be without.
///
/// Not for use.
struct Demonstration: Hashable, Sendable {
    /// Whether requests of one session wait for one another.
    var hasLocks = true
    /// How long a request thinks between reading the count and writing it.
    var pause: Duration = .zero

    init() {}

    /// Reads `DEMO_LOCKS` and `DEMO_PAUSE_MS`.
    init(_ environment: [String: String]) throws(OptionError) {
        switch environment["DEMO_LOCKS"] {
        case nil, "on": break
        case "off": hasLocks = false
        default: throw OptionError("DEMO_LOCKS has to be on or off")
        }
        if let text = environment["DEMO_PAUSE_MS"] {
            guard let milliseconds = UInt16(text) else { throw OptionError("DEMO_PAUSE_MS has to be 0 to 65535") }
            pause = .milliseconds(Int(milliseconds))
        }
    }
}
