import Foundation

/// Standard input, output and error as bytes.
enum Console {
    /// The most that is read from standard input: 1 GiB, which is as large as an item can be made.
    static let longestInput = 1 << 30

    /// Everything on standard input.
    ///
    /// - Throws: ``Failure`` when reading fails, or when there is more than ``longestInput``.
    static func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while let chunk = try FileHandle.standardInput.read(upToCount: 1 << 16), !chunk.isEmpty {
                bytes.append(contentsOf: chunk)
                guard bytes.count <= longestInput else {
                    throw Failure(.data, "standard input is longer than \(longestInput) bytes")
                }
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.inputOutput, "standard input cannot be read")
        }
        return bytes
    }

    /// Writes bytes to standard output as they are.
    static func write(_ bytes: some Sequence<UInt8>) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            throw Failure(.inputOutput, "standard output cannot be written")
        }
    }

    /// Writes lines to standard output.
    static func write(lines: [String]) throws {
        guard !lines.isEmpty else { return }
        try write((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Says on standard error what went wrong.
    ///
    /// Nobody can be told when that fails, so it is not looked at.
    static func complain(_ reason: String) {
        try? FileHandle.standardError.write(contentsOf: Data("memc: \(reason)\n".utf8))
    }
}
