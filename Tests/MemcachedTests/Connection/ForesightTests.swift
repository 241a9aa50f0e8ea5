import Testing

@testable import Memcached

@Suite struct ForesightTests {
    var foresight = Foresight()

    @Test mutating func `a server that answers at once is looked at each time`() {
        for _ in 0..<1_000 {
            let looks = foresight.looks()
            #expect(looks)
            foresight.looked(andFound: true)
        }
    }

    @Test mutating func `one that never does is looked at hardly ever`() {
        var looks = 0
        for _ in 0..<100 * Foresight.pause where foresight.looks() {
            looks += 1
            foresight.looked(andFound: false)
        }
        #expect((99...101).contains(looks))
    }

    @Test mutating func `now and then nothing found changes nothing`() {
        for number in 0..<1_000 {
            let looks = foresight.looks()
            #expect(looks)
            foresight.looked(andFound: number % 4 != 3)
        }
    }

    @Test mutating func `luck comes back with one answer that is there`() {
        for _ in 0..<20 where foresight.looks() { foresight.looked(andFound: false) }
        while !foresight.looks() {}
        foresight.looked(andFound: true)
        let looks = foresight.looks()
        #expect(looks)
    }
}
