import Foundation

/// The lines of standard input; a line ends with a line feed, and nothing else is taken off it.
struct InputLines {
    let lines: [ArraySlice<UInt8>]

    init(_ bytes: [UInt8]) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
    }

    /// Makes something of each line; a failure names the line.
    func map<Thing>(_ transform: ([UInt8]) throws -> Thing) throws -> [Thing] {
        try lines.enumerated()
            .map { number, line in
                do {
                    return try transform(Array(line))
                } catch let failure as Failure {
                    throw Failure(failure.status, "line \(number + 1) of standard input: \(failure.reason)")
                }
            }
    }
}
