import Foundation

/// The terminal.
///
/// Lines go out at once, also into a pipe.
enum Console {
    static func line(_ text: String = "") {
        write("\(text)\n", to: .standardOutput)
    }

    static func problem(_ text: String) {
        write("demo: \(text)\n", to: .standardError)
    }

    private static func write(_ text: String, to file: FileHandle) {
        // A terminal that is gone is no reason to leave processes behind.
        try? file.write(contentsOf: Data(text.utf8))
    }
}
