import NIOCore
import Testing

@testable import Memcached

@Suite struct WaiterQueueTests {
    private var queue = WaiterQueue<Int>()

    private mutating func add(_ numbers: ClosedRange<Int>) -> [UInt64] {
        numbers.map { queue.append($0, deadline: .at(milliseconds: $0 * 10)) }
    }

    @Test mutating func `first come, first served`() {
        _ = add(1...5)
        #expect(queue.removeFirst(2) == [1, 2])
        #expect(queue.count == 3)
        #expect(queue.removeAll() == [3, 4, 5])
        #expect(queue.isEmpty)
        #expect(queue.removeFirst(9).isEmpty)
    }

    @Test mutating func `who gives up is gone, once, and the order stays`() {
        let ids = add(1...6)
        #expect(queue.remove(id: ids[2]) == 3)
        #expect(queue.remove(id: ids[2]) == nil)
        #expect(queue.remove(id: ids[0]) == 1)
        #expect(queue.count == 4)
        #expect(queue.removeFirst(2) == [2, 4])
        // Numbers of those who were served belong to nobody.
        #expect(queue.remove(id: ids[1]) == nil)
        #expect(queue.remove(id: ids[5]) == 6)
        #expect(queue.removeAll() == [5])
        #expect(queue.remove(id: 0) == nil)
        #expect(queue.remove(id: .max) == nil)
    }

    @Test mutating func `numbers are never given twice`() {
        var seen: Set<UInt64> = []
        for round in 0..<20 {
            for id in add(1...10) { #expect(seen.insert(id).inserted) }
            if round % 2 == 0 { _ = queue.removeFirst(7) } else { _ = queue.removeAll() }
        }
    }

    @Test mutating func `whose deadline has come goes, and the next deadline is told`() {
        let ids = add(1...4)
        _ = queue.remove(id: ids[2])
        let (expired, next) = queue.expire(at: .at(milliseconds: 20))
        #expect(expired == [1, 2])
        #expect(next == .at(milliseconds: 40))
        #expect(queue.expire(at: .at(milliseconds: 40)).expired == [4])
        #expect(queue.expire(at: .at(milliseconds: 50)).next == nil)
    }

    @Test mutating func `those who want another connection are told apart`() {
        _ = add(1...2)
        _ = queue.append(7, deadline: .distantFuture, wantsAnother: true)
        _ = add(3...3)
        #expect(queue.removeThoseWhoWantAnother() == [7])
        #expect(queue.removeAll() == [1, 2, 3])
    }

    /// Compared with an array, over thousands of random events.
    @Test(arguments: UInt64(1)...5)
    func `it does what a list would do`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = WaiterQueue<Int>()
        var list: [(id: UInt64, number: Int, deadline: Int)] = []
        for number in 0..<2_000 {
            switch generator.pick(0...9) {
            case 0..<6:
                let deadline = generator.pick(0...2_500)
                list.append((queue.append(number, deadline: .at(milliseconds: deadline)), number, deadline))
            case 6..<8:
                let id = list.randomElement(using: &generator)?.id ?? UInt64(generator.pick(0...2_500))
                let index = list.firstIndex { $0.id == id }
                #expect(queue.remove(id: id) == index.map { list.remove(at: $0).number })
            case 8:
                let count = generator.pick(0...4)
                #expect(queue.removeFirst(count) == list.prefix(count).map(\.number))
                list.removeFirst(min(count, list.count))
            default:
                let expired = list.filter { $0.deadline <= number }
                list.removeAll { $0.deadline <= number }
                let result = queue.expire(at: .at(milliseconds: number))
                #expect(result.expired == expired.map(\.number))
                #expect(result.next == list.map(\.deadline).min().map(NIODeadline.at(milliseconds:)))
            }
            #expect(queue.count == list.count)
        }
        #expect(queue.removeAll() == list.map(\.number))
    }
}
