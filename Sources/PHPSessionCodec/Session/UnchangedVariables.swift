/// Writes variables that were not changed as the bytes they were read from.
struct UnchangedVariables {
    private let source: PHPSession.Source
    private let provenance: Provenance
    /// Variables written as their bytes with all slots as they were.
    private var unmoved: Set<Int> = []

    init?(_ source: PHPSession.Source?) {
        guard let source, let provenance = source.provenance else { return nil }
        self.source = source
        self.provenance = provenance
    }

    /// Appends a member of the root as it was read, if it still is what it was.
    ///
    /// - Parameters:
    ///   - position: The position of the member.
    ///   - encoder: Where it goes.
    /// - Returns: Whether it was appended; if not, it has to be written anew.
    /// - Throws: ``PHPSessionCodecError`` when there is too much to write.
    mutating func append(
        member position: Int,
        to encoder: inout SerializeEncoder
    ) throws(PHPSessionCodecError) -> Bool {
        guard position < source.variableOfMember.count else { return false }
        let number = source.variableOfMember[position]
        guard number >= 0, !source.changedVariables.contains(number) else { return false }
        let variable = provenance.variables[number]
        let slots = provenance.slots(of: number)
        let shift = encoder.slotCount + 1 - slots.lowerBound
        let references = provenance.references(in: slots)
        let objects = provenance.objects(of: number)
        guard provenance.backReferences(of: number).allSatisfy({ fits($0, slots, shift, encoder) }),
            objects.allSatisfy({ encoder.slot(ofObject: $0) == nil }),
            references.allSatisfy({ encoder.slot(ofReference: $0) == nil })
        else { return false }
        try encoder.append(source.bytes[Int(variable.start)..<Int(variable.end)])
        encoder.takeSlots(slots.count)
        for object in objects { encoder.setSlot(provenance.objectSlots[object] + shift, ofObject: object) }
        for reference in references {
            encoder.setSlot(provenance.referenceSlots[reference] + shift, ofReference: reference)
        }
        if shift == 0 { unmoved.insert(number) }
        return true
    }

    /// Whether a back-reference in a variable still points to what it pointed to.
    private func fits(
        _ back: Provenance.BackReference,
        _ slots: Range<Int>,
        _ shift: Int,
        _ encoder: SerializeEncoder
    ) -> Bool {
        if back.slot >= slots.lowerBound { return shift == 0 }
        if let owner = provenance.variable(owningSlot: back.slot), unmoved.contains(owner) { return true }
        switch back.target {
        case .object(let index): return encoder.slot(ofObject: index) == back.slot
        case .reference(let index): return encoder.slot(ofReference: index) == back.slot
        }
    }
}

extension Provenance {
    /// The slots of a variable.
    func slots(of number: Int) -> Range<Int> {
        let start = Int(variables[number].firstSlot)
        let end = number + 1 < variables.count ? Int(variables[number + 1].firstSlot) : slotCount + 1
        return start..<max(start, end)
    }

    func objects(of number: Int) -> Range<Int> {
        let start = Int(variables[number].firstObject)
        let end = number + 1 < variables.count ? Int(variables[number + 1].firstObject) : cellCounts.objects
        return start..<max(start, end)
    }

    func backReferences(of number: Int) -> ArraySlice<BackReference> {
        let start = Int(variables[number].firstBackReference)
        let end = number + 1 < variables.count ? Int(variables[number + 1].firstBackReference) : backReferences.count
        return backReferences[start..<max(start, end)]
    }

    /// The references whose first place is one of these slots.
    func references(in slots: Range<Int>) -> ArraySlice<Int> {
        let start = firstReference(from: slots.lowerBound)
        return referencesBySlot[start..<max(start, firstReference(from: slots.upperBound))]
    }

    private func firstReference(from slot: Int) -> Int {
        var low = 0
        var high = referencesBySlot.count
        while low < high {
            let middle = (low + high) / 2
            if referenceSlots[referencesBySlot[middle]] < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
