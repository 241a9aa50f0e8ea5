import Foundation

/// Prints a line for each check and remembers how they went.
struct Checklist {
    private(set) var passed = 0
    private(set) var failed: [String] = []

    /// Makes one check and prints how it went.
    ///
    /// - Parameters:
    ///   - title: What holds when it passes, as a sentence.
    ///   - body: Makes the check; what it returns is printed behind the title, what it throws is why it failed.
    /// - Throws: `CancellationError` only: when somebody stops the check, nothing has failed.
    mutating func check(_ title: String, _ body: () async throws -> String?) async throws {
        do {
            let detail = try await body()
            passed += 1
            Console.line("  ok      \(title)\(detail.map { " (\($0))" } ?? "")")
        } catch {
            try Task.checkCancellation()
            failed.append(title)
            Console.line("  FAILED  \(title)\n          \(error)")
        }
    }

    /// Prints the result.
    func printSummary(after time: Duration) {
        let seconds = time.formatted(.units(allowed: [.seconds], width: .narrow, fractionalPart: .show(length: 1)))
        Console.line()
        guard !failed.isEmpty else { return Console.line("All \(passed) checks passed in \(seconds).") }
        Console.line("\(failed.count) of \(passed + failed.count) checks FAILED in \(seconds):")
        for title in failed { Console.line("  \(title)") }
    }
}

/// Why a check failed.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Lets a check fail unless a condition holds.
func expect(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !condition { throw Failure(otherwise()) }
}
