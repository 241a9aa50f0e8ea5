import NIOCore

extension NIODeadline {
    /// An instant of a test's own time, which begins at 0 and is never the real one.
    static func at(milliseconds: Int) -> NIODeadline {
        .uptimeNanoseconds(UInt64(milliseconds) * 1_000_000)
    }
}
