/// Whether it is worth looking for an answer right behind the request, before the event loop waits for one.
///
/// It is where the server shares the processor with this client: a request that goes out has it run at once, and its
/// answer is there when writing returns. Elsewhere the look finds nothing and is one system call too many, so it is tried
/// often where it has found something lately, and else hardly ever. Plain data without I/O.
struct Foresight {
    /// After so many times without a look there is one again.
    static let pause = 128
    private static let most = 8
    private static let price = 1

    /// How much luck there was lately; without any, looks pause.
    private var luck = 1
    private var paused = 0

    /// Whether to look now; say then what came of it.
    mutating func looks() -> Bool {
        if luck > 0 { return true }
        paused += 1
        guard paused >= Self.pause else { return false }
        paused = 0
        return true
    }

    /// A look has been taken.
    mutating func looked(andFound found: Bool) {
        luck = found ? min(luck + 1, Self.most) : max(luck - Self.price, 0)
    }
}
