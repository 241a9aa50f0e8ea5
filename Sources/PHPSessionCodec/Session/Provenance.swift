/// Where the variables of a session stand in the bytes it was read from.
///
/// A variable that was not changed is written back as those bytes, whatever unusual spelling they hold. `R:` and `r:`
/// in them count slots from the start of the session, so the bytes fit only while every target keeps its number; what
/// is needed to tell is noted here.
struct Provenance: Sendable {
    struct Variable: Sendable {
        var start: UInt32
        var valueStart: UInt32
        var end: UInt32
        /// The slot of the value, and the first array, object and back-reference that belong to it.
        var firstSlot: UInt32
        var firstArray: UInt32
        var firstObject: UInt32
        var firstBackReference: UInt32
    }

    struct BackReference: Sendable {
        let target: Target
        let slot: Int
    }

    /// What a back-reference points to.
    enum Target: Sendable {
        case reference(Int)
        case object(Int)
    }

    var variables: [Variable] = []
    var backReferences: [BackReference] = []
    /// The slot of each object and of each reference, in the order of their cells.
    var objectSlots: [Int] = []
    var referenceSlots: [Int] = []
    /// The references in the order of their slots.
    var referencesBySlot: [Int] = []
    /// Cells read with the session; those with higher numbers were added later.
    var cellCounts = ValueGraph.CellCounts()
    var slotCount = 0
}

/// Notes a session's provenance while it is read.
struct ProvenanceRecorder {
    private let isRecording: Bool
    private(set) var provenance = Provenance()
    private var isInVariable = false

    init(isRecording: Bool) { self.isRecording = isRecording }

    mutating func beginVariable(at offset: Int, slot: Int, array: Int, object: Int) {
        guard isRecording else { return }
        provenance.variables.append(
            Provenance.Variable(
                start: UInt32(clamping: offset),
                valueStart: 0,
                end: 0,
                firstSlot: UInt32(clamping: slot),
                firstArray: UInt32(clamping: array),
                firstObject: UInt32(clamping: object),
                firstBackReference: UInt32(clamping: provenance.backReferences.count)
            )
        )
        isInVariable = true
    }

    mutating func beginValue(at offset: Int) {
        guard isInVariable else { return }
        provenance.variables[provenance.variables.count - 1].valueStart = UInt32(clamping: offset)
    }

    mutating func endVariable(at offset: Int) {
        guard isInVariable else { return }
        provenance.variables[provenance.variables.count - 1].end = UInt32(clamping: offset)
        isInVariable = false
    }

    mutating func addObject(slot: Int) {
        if isRecording { provenance.objectSlots.append(slot) }
    }

    mutating func addReference(slot: Int) {
        if isRecording { provenance.referenceSlots.append(slot) }
    }

    mutating func addBackReference(_ target: Provenance.Target, slot: Int) {
        if isRecording { provenance.backReferences.append(Provenance.BackReference(target: target, slot: slot)) }
    }

    /// The provenance of what was read, nil where the input is too long for its 32-bit offsets.
    func finish(_ graph: ValueGraph, byteCount: Int, slotCount: Int) -> Provenance? {
        guard isRecording, byteCount < UInt32.max else { return nil }
        var result = provenance
        result.cellCounts = graph.cellCounts
        result.slotCount = slotCount
        result.referencesBySlot = result.referenceSlots.indices.sorted {
            result.referenceSlots[$0] < result.referenceSlots[$1]
        }
        return result
    }
}
