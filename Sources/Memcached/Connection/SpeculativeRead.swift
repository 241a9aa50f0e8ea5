/// Whether it is worth looking for an answer right behind the request, before the event loop waits for one.
///
/// It is where the server shares the processor with this client: a request that goes out has it run at once, and its
/// answer is there when writing returns. Elsewhere the look finds nothing and is one system call too many, so it is tried
/// often where it has found something lately, and else hardly ever. Plain data without I/O.
struct SpeculativeRead {
    /// After so many times without a look there is one again.
    static let pause = 128
    private static let mostCredit = 8

    /// How much more often than not something was found lately; without any, looks pause.
    private var credit = 1
    private var paused = 0

    /// Whether to look now; say then what came of it.
    mutating func looks() -> Bool {
        if credit > 0 { return true }
        paused += 1
        guard paused >= Self.pause else { return false }
        paused = 0
        return true
    }

    /// A look has been taken.
    mutating func looked(andFound found: Bool) {
        credit = found ? min(credit + 1, Self.mostCredit) : max(credit - 1, 0)
    }
}
