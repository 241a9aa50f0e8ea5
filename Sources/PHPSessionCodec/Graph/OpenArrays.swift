/// The shared arrays on the way from the root to a value, to notice one that leads back into itself for ever.
///
/// An object or a reference on the way is written once and then only named, so a way back through one of them ends.
/// Arrays alone lead on without end. PHP makes such a value of an array that holds a reference to itself when nothing
/// else refers to it any more, and igbinary stores it.
struct OpenArrays {
    private var levels: [Int: Int] = [:]

    /// A container on the way.
    struct Way: Sendable {
        /// How many containers are around it.
        let level: Int
        /// The level of the innermost container, this one included, that is an object or behind a reference.
        let barrier: Int
        let array: Int?
        let levelBefore: Int?
    }

    /// Notes a container that is opened.
    ///
    /// - Parameters:
    ///   - array: The array, where it is one that is shared.
    ///   - isBarrier: Whether it is an object or behind a reference.
    ///   - outer: The container around it.
    /// - Returns: The container, to be closed.
    /// - Throws: ``PHPSessionCodecError/Code/cycle``
    mutating func open(_ array: Int?, isBarrier: Bool, around outer: Way?) throws(PHPSessionCodecError) -> Way {
        let level = (outer?.level ?? -1) + 1
        let barrier = isBarrier ? level : outer?.barrier ?? -1
        guard let array else { return Way(level: level, barrier: barrier, array: nil, levelBefore: nil) }
        let before = levels[array]
        if let before, before >= barrier { throw OpenCells.cycle }
        levels[array] = level
        return Way(level: level, barrier: barrier, array: array, levelBefore: before)
    }

    mutating func close(_ way: Way) {
        if let array = way.array { levels[array] = way.levelBefore }
    }
}
