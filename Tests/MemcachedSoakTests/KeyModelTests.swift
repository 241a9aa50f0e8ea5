import Testing

@testable import MemcachedSoak

/// The judge of the soak runs: what it lets pass and what not.
@Suite struct KeyModelTests {
    private var model = KeyModel()

    private func content(_ sequence: UInt32) -> Content {
        .pieces([Piece(sequence: sequence, fillerLength: 3)], flags: 0)
    }

    @Test mutating func `what was stored last is what may be read`() {
        #expect(model.confirm(.set(content(1), condition: nil), .stored, cas: 10) == true)
        #expect(model.observe(content(1), cas: 10) == true)
        #expect(model.confirm(.set(content(2), condition: nil), .stored, cas: 11) == true)
        #expect(model.observe(content(1), cas: 10) == false)
        #expect(model.observe(nil, cas: nil) == false)
        #expect(model.observe(content(2), cas: 12) == false)
        #expect(model.observe(content(2), cas: 11) == true)
    }

    @Test mutating func `a write whose outcome is unknown may be there or not, at any time`() {
        #expect(model.confirm(.set(content(1), condition: nil), .stored, cas: 10) == true)
        model.doubt(.set(content(2), condition: nil))
        #expect(model.isInDoubt)
        #expect(model.observe(content(1), cas: 10) == true)
        #expect(model.confirm(.set(content(3), condition: nil), .stored, cas: 12) == true)
        // It came after all, behind a newer one.
        #expect(model.observe(content(2), cas: 13) == true)
        #expect(!model.isInDoubt)
        #expect(model.observe(content(3), cas: 12) == false)
    }

    @Test mutating func `what was seen cannot be undone`() {
        model.doubt(.set(content(1), condition: nil))
        #expect(model.observe(content(1), cas: 10) == true)
        #expect(model.observe(nil, cas: nil) == false)
    }

    @Test mutating func `at rest what was seen last holds`() {
        #expect(model.confirm(.set(content(1), condition: nil), .stored, cas: 10) == true)
        model.doubt(.delete(condition: nil))
        #expect(model.observe(content(1), cas: 10) == true)
        model.settle()
        #expect(model.certainty == .some(content(1)))
        #expect(model.observe(nil, cas: nil) == false)
    }

    @Test mutating func `counters in doubt allow every sum and no other`() {
        #expect(model.confirm(.increment(5, initial: 100, condition: nil), .counted(100)) == true)
        model.doubt(.increment(1, initial: nil, condition: nil))
        model.doubt(.increment(10, initial: nil, condition: nil))
        #expect(model.observe(.number(102), cas: 1) == false)
        #expect(model.observe(.number(110), cas: 2) == true)
        #expect(model.observe(.number(100), cas: 1) == false)
        #expect(model.confirm(.increment(1_000, initial: nil, condition: nil), .counted(1_111)) == true)
        #expect(!model.isInDoubt)
    }

    @Test mutating func `a condition holds for the CAS that was told and no other`() {
        #expect(model.confirm(.set(content(1), condition: nil), .stored, cas: 10) == true)
        #expect(model.confirm(.set(content(2), condition: 9), .stored, cas: 11) == false)
        #expect(model.confirm(.set(content(2), condition: 9), .exists) == true)
        #expect(model.confirm(.set(content(2), condition: 10), .stored, cas: 11) == true)
        // A write of which nobody was told the CAS.
        #expect(model.confirm(.set(content(3), condition: nil), .stored) == true)
        #expect(model.confirm(.delete(condition: 11), .deleted) == false)
        #expect(model.confirm(.delete(condition: 11), .exists) == true)
    }

    @Test mutating func `appended pieces keep their order`() {
        let pieces = (1...3).map { Piece(sequence: $0, fillerLength: 0) }
        #expect(model.confirm(.append(pieces[0], condition: nil), .notStored) == true)
        #expect(model.confirm(.set(.pieces([pieces[0]], flags: 7), condition: nil), .stored, cas: 1) == true)
        #expect(model.confirm(.append(pieces[1], condition: nil), .stored, cas: 2) == true)
        #expect(model.confirm(.prepend(pieces[2], condition: nil), .stored, cas: 3) == true)
        #expect(model.observe(.pieces(pieces, flags: 7), cas: 3) == false)
        #expect(model.observe(.pieces([pieces[2], pieces[0], pieces[1]], flags: 7), cas: 3) == true)
    }

    @Test mutating func `too much in doubt makes a key crowded`() {
        for sequence in 1...4 as ClosedRange<UInt32> {
            #expect(!model.isCrowded)
            model.doubt(.append(Piece(sequence: sequence, fillerLength: 0), condition: nil))
        }
        #expect(model.isCrowded)
        #expect(model.room == 4)
    }

    @Test mutating func `a count from 2^63 on may be refused, a smaller one not`() {
        #expect(model.confirm(.set(.number(1 << 63), condition: nil), .stored, cas: 1) == true)
        #expect(model.confirm(.increment(1, initial: nil, condition: nil), .notNumeric) == true)
        #expect(model.confirm(.set(.number((1 << 63) - 1), condition: nil), .stored, cas: 2) == true)
        #expect(model.confirm(.increment(1, initial: nil, condition: nil), .notNumeric) == false)
    }
}
