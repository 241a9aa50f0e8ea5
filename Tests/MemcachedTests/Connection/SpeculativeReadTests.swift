import Testing

@testable import Memcached

@Suite struct SpeculativeReadTests {
    var read = SpeculativeRead()

    @Test mutating func `a server that answers at once is looked at each time`() {
        for _ in 0..<1_000 {
            let looks = read.looks()
            #expect(looks)
            read.looked(andFound: true)
        }
    }

    @Test mutating func `one that never does is looked at hardly ever`() {
        var looks = 0
        for _ in 0..<100 * SpeculativeRead.pause where read.looks() {
            looks += 1
            read.looked(andFound: false)
        }
        #expect((99...101).contains(looks))
    }

    @Test mutating func `now and then nothing found changes nothing`() {
        for number in 0..<1_000 {
            let looks = read.looks()
            #expect(looks)
            read.looked(andFound: number % 4 != 3)
        }
    }

    @Test mutating func `one answer that is there brings the looks back`() {
        for _ in 0..<20 where read.looks() { read.looked(andFound: false) }
        var pauses = 0
        while pauses < 2 * SpeculativeRead.pause, !read.looks() { pauses += 1 }
        #expect(pauses < SpeculativeRead.pause)
        read.looked(andFound: true)
        let looks = read.looks()
        #expect(looks)
    }
}
