/// Why the demonstration cannot go on, in words for the person at the terminal.
struct DemoError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
