/// Bytes that are appended at the end and taken from the front, both in constant time on average.
struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var start = 0

    /// How many bytes are in the queue.
    var count: Int { storage.count - start }

    /// Whether there are none.
    var isEmpty: Bool { count == 0 }

    /// The bytes, in order; indices begin at an arbitrary number.
    var bytes: ArraySlice<UInt8> { storage[start...] }

    /// The first byte, nil if there is none.
    var first: UInt8? { bytes.first }

    /// Adds bytes at the end.
    mutating func append(_ bytes: some Collection<UInt8>) {
        storage.append(contentsOf: bytes)
    }

    /// The bytes of a range that is counted from the front, as far as they are there.
    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        bytes.dropFirst(range.lowerBound).prefix(range.count)
    }

    /// Takes bytes from the front, as many as there are at most.
    mutating func removeFirst(_ count: Int) {
        start += min(max(count, 0), self.count)
        // Moving the rest to the front when it is the smaller half costs less than taking it did.
        guard start > storage.count / 2 else { return }
        storage.removeFirst(start)
        start = 0
    }
}
