import Testing

@testable import Memcached

extension Ring {
    fileprivate mutating func append(_ element: Element) { places[extend()] = element }
}

@Suite struct RingTests {
    private struct Item: RingElement, Equatable {
        static let vacant = Item(number: -1)
        var number: Int

        mutating func vacate() { self = .vacant }
    }

    private func contents(_ ring: Ring<Item>) -> [Int] {
        (0..<ring.count).compactMap { ring.place($0).map { ring.places[$0].number } }
    }

    @Test func `first in, first out, however it grows and goes round`() {
        var generator = SeededGenerator(seed: 4)
        var ring = Ring<Item>()
        var model: [Int] = []
        for number in 0..<5_000 {
            // In waves, so that it grows and empties.
            if Int.random(in: 0..<100, using: &generator) < (number / 500 % 2 == 0 ? 60 : 40) {
                ring.append(Item(number: number))
                model.append(number)
            } else {
                ring.removeFirst()
                if !model.isEmpty { model.removeFirst() }
            }
            #expect(ring.count == model.count && ring.isEmpty == model.isEmpty)
            if number % 50 == 0 { #expect(contents(ring) == model) }
        }
    }

    @Test func `elements are changed where they are`() throws {
        var ring = Ring<Item>()
        for number in 0..<9 { ring.append(Item(number: number)) }
        ring.removeFirst()
        let place = try #require(ring.place(3))
        ring.places[place].number = 40
        #expect(contents(ring) == [1, 2, 3, 40, 5, 6, 7, 8])
    }

    @Test func `nothing stands outside, and nothing is held that was removed`() {
        var ring = Ring<Item>()
        #expect(ring.place(0) == nil)
        ring.removeFirst()
        ring.append(Item(number: 1))
        #expect(ring.place(-1) == nil && ring.place(1) == nil && ring.place(.max) == nil)
        ring.removeFirst()
        #expect(ring.places.allSatisfy { $0 == .vacant })
        ring.append(Item(number: 2))
        ring.removeAll()
        #expect(ring.isEmpty && ring.places.isEmpty)
    }
}
