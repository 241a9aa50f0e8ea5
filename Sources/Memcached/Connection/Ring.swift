/// What a ``Ring`` holds.
protocol RingElement {
    /// What stands in a place that has not been used.
    static var vacant: Self { get }
    /// Lets go of all references: the place is not in use any more.
    mutating func vacate()
}

/// A queue whose elements are looked at and changed where they are.
///
/// A collection that hands an element out to be changed moves it out and back, with a copy of all that it refers to; in
/// here that would be done several times for each request.
struct Ring<Element: RingElement> {
    /// A power of two of places, or none.
    var places: [Element] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The index, in ``places``, of the element at a position, 0 for the oldest; nil where there is none.
    func place(_ position: Int) -> Int? {
        position >= 0 && position < count ? wrapped(position) : nil
    }

    private func wrapped(_ position: Int) -> Int { (head &+ position) & (places.count &- 1) }

    /// Makes room for the newest element, to be filled where it is.
    ///
    /// - Returns: The index of its place in ``places``, which was vacated or has not been used.
    mutating func extend() -> Int {
        if count == places.count { grow() }
        count += 1
        return wrapped(count - 1)
    }

    /// Removes the oldest element, if there is one.
    mutating func removeFirst() {
        guard count > 0 else { return }
        places[head].vacate()
        head = wrapped(1)
        count -= 1
    }

    mutating func removeAll() {
        self = Ring()
    }

    private mutating func grow() {
        let capacity = max(8, places.count * 2)
        var larger: [Element] = []
        larger.reserveCapacity(capacity)
        for position in 0..<count { larger.append(places[wrapped(position)]) }
        while larger.count < capacity { larger.append(.vacant) }
        places = larger
        head = 0
    }
}
