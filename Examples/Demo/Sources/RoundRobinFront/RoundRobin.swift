/// Whose turn it is.
struct RoundRobin: Sendable {
    private let count: Int
    private var position = 0

    /// Begins with the first of so many.
    init(count: Int) {
        self.count = count
    }

    /// The next one that has not been tried yet, or nil when all have been.
    ///
    /// One that is passed over because it was tried loses no turn of its own: the rotation goes on behind the one that
    /// is returned.
    mutating func next(excluding tried: Set<Int>) -> Int? {
        for step in 0..<max(count, 0) {
            let candidate = (position + step) % count
            guard !tried.contains(candidate) else { continue }
            position = (candidate + 1) % count
            return candidate
        }
        return nil
    }
}
